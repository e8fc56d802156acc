import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from './finished.ts'

/** An authority of one's own, and what it signs. */
export interface Authority extends Disposable {
  /** Where `ca.pem` is, and a directory for each name that was signed. */
  readonly dir: string
  readonly caFile: string
  /**
   * Signs a new certificate. @returns the directory with `cert.pem`, `key.pem` and `ca.pem`, as DOCKER_CERT_PATH has them
   *
   * @param names  subject alternative names: `"IP:127.0.0.1"`, `"DNS:localhost"`
   */
  sign(name: string, purpose: 'serverAuth' | 'clientAuth', names?: readonly string[]): Promise<CertificateFiles>
}

/** Files of one certificate. */
export interface CertificateFiles {
  readonly dir: string
  readonly ca: string
  readonly cert: string
  readonly key: string
}

const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

/** Makes an authority with openssl. Disposing of it removes all its files. */
export async function createAuthority(): Promise<Authority> {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-certificates-'))
  const [caFile, caKey] = [join(dir, 'ca.pem'), join(dir, 'ca-key.pem')]
  const own = ['-keyout', caKey, '-out', caFile, '-subj', '/CN=authority', '-days', '2']
  await runOk('openssl', ['req', '-x509', ...curve, ...own])
  return {
    dir,
    caFile,
    sign: async (name, purpose, names = []) => {
      const files = mkdtempSync(join(dir, `${name}-`))
      const [cert, key, ca] = [join(files, 'cert.pem'), join(files, 'key.pem'), join(files, 'ca.pem')]
      const [request, extensions] = [join(files, 'request.pem'), join(files, 'extensions')]
      const alternatives = names.length > 0 ? `subjectAltName=${names.join(',')}\n` : ''
      writeFileSync(extensions, `extendedKeyUsage=${purpose}\n${alternatives}`)
      await runOk('openssl', ['req', ...curve, '-keyout', key, '-out', request, '-subj', `/CN=${name}`])
      const signed = ['-CA', caFile, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', extensions]
      await runOk('openssl', ['x509', '-req', '-in', request, ...signed, '-out', cert])
      await runOk('cp', [caFile, ca])
      return { dir: files, ca, cert, key }
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  }
}
