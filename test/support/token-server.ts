import { execFileSync } from 'node:child_process'
import { createPrivateKey, type KeyObject, sign, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { Host } from './host.ts'

/** A server that gives tokens for a registry: one user may do everything, nobody in particular may read `public/…`. */
export interface TokenServer extends AsyncDisposable {
  readonly url: string
  /** File of the certificate that its tokens are signed with. */
  readonly certificate: string
  /** Scopes that were asked for, with who asked: `me repository:x:pull`. */
  readonly asked: string[]
}

/** Starts one on loopback of a host. @param dir  where it may leave its key */
export async function startTokenServer(
  host: Host,
  dir: string,
  user: { readonly name: string; readonly password: string },
): Promise<TokenServer> {
  const [key, certificate] = [join(dir, 'token.key'), join(dir, 'token.crt')]
  const request = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-subj',
    '/CN=test',
  ]
  execFileSync('openssl', [...request, '-keyout', key, '-out', certificate], { stdio: 'ignore' })
  const signing = {
    key: createPrivateKey(readFileSync(key)),
    certificate: new X509Certificate(readFileSync(certificate)),
  }
  const asked: string[] = []
  const server = createServer((question, answer) => {
    const who = whoAsks(question)
    const scopes = new URL(question.url!, 'http://x').searchParams.getAll('scope')
    asked.push(...scopes.map((scope) => `${who?.name ?? 'nobody'} ${scope}`))
    if (who && (who.name !== user.name || who.password !== user.password)) {
      answer.writeHead(401, { 'Content-Type': 'application/json' })
      answer.end('{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}')
      return
    }
    const access = scopes.map(parseScope).filter(({ name }) => who !== undefined || name.startsWith('public/'))
    answer.end(JSON.stringify({ token: renderToken(signing, who?.name ?? '', access) }))
  })
  const listening = once(server, 'listening')
  // Without an address to look up, the socket is made before listen() returns: in the namespace.
  host.namespace.run(() => {
    server.listen(5080)
  })
  await listening
  return {
    url: 'http://127.0.0.1:5080/token',
    certificate,
    asked,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function whoAsks({ headers }: IncomingMessage): { readonly name: string; readonly password: string } | undefined {
  const basic = /^Basic (.*)$/.exec(headers.authorization ?? '')?.[1]
  if (basic === undefined) return undefined
  const [name = '', ...password] = Buffer.from(basic, 'base64').toString().split(':')
  return { name, password: password.join(':') }
}

/** `repository:team/x:pull,push` */
function parseScope(scope: string) {
  const [type = '', name = '', actions = ''] = scope.split(':')
  return { type, name, actions: actions.split(',') }
}

/** @source distribution, "Token Authentication Implementation" */
function renderToken(
  { key, certificate }: { readonly key: KeyObject; readonly certificate: X509Certificate },
  subject: string,
  access: readonly object[],
): string {
  const now = Math.floor(Date.now() / 1000)
  const header = { alg: 'ES256', typ: 'JWT', x5c: [certificate.raw.toString('base64')] }
  const times = { iat: now, nbf: now - 10, exp: now + 300 }
  const claims = { iss: 'test', aud: 'test', sub: subject, jti: `${now}`, ...times, access }
  const parts = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `${parts}.${sign('sha256', Buffer.from(parts), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}
