import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { getuid } from 'node:process'
import { after, before, test } from 'node:test'
import { type Authority, type CertificateFiles, createAuthority } from '../support/certificates.ts'
import { type Engine, engineTest, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'

const address = 'tcp://127.0.0.1:2376'

let authority: Authority
let [server, client, stranger]: CertificateFiles[] = []
before(async () => {
  authority = await createAuthority()
  using other = await createAuthority()
  server = await authority.sign('server', 'serverAuth', ['IP:127.0.0.1', 'DNS:localhost'])
  client = await authority.sign('client', 'clientAuth')
  // Signed by nobody that the engine knows, though it says that it is.
  stranger = { ...(await authority.sign('stranger', 'clientAuth')) }
  const unknown = await other.sign('stranger', 'clientAuth')
  copyFileSync(unknown.cert, stranger.cert)
  copyFileSync(unknown.key, stranger.key)
})
after(() => authority[Symbol.dispose]())

const tlsFlags = ({ ca, cert, key }: CertificateFiles) => [`--tlscacert=${ca}`, `--tlscert=${cert}`, `--tlskey=${key}`]
const asClient = (files: CertificateFiles) => ['-H', address, '--tlsverify', ...tlsFlags(files)]

/** A client within the engine's namespace, from where alone its loopback is reached. */
function inside({ host, docker, wharf }: Engine, program: 'docker' | 'wharf', words: readonly string[], input = '') {
  const cli = program === 'docker' ? docker : wharf
  const { DOCKER_HOST: _, WHARF_HOST: __, ...env } = cli.env
  return host.exec(cli.program[0]!, [...cli.program.slice(1), ...words], { env, input })
}

/** A test with an engine that listens on TCP, too. */
function tlsTest(name: string, body: (engine: Engine) => Promise<void>): void {
  test(name, { skip: getuid?.() === 0 ? false : 'needs root', timeout: 150_000 }, async () => {
    using host = createHost()
    const flags = ['-H', address, '--tlsverify', ...tlsFlags(server!)]
    await withEngine(host, { flags }, async (engine) => {
      await eventually(async () => engine.daemon.log.includes(`API listening on ${address}\n`), true)
      await body(engine)
    })
  })
}

engineTest('TCP is refused until somebody says how it is guarded', async ({ host, daemon, wharf }) => {
  const [node, ...main] = wharf.program
  const validate = (...flags: string[]) => {
    const places = ['--data-root', `${daemon.root}/other`, '--exec-root', `${daemon.root}/other-run`]
    return host.exec(node!, [...main, 'daemon', '-H', address, ...places, ...flags, '--validate'])
  }
  assert.deepEqual(await validate(), {
    code: 1,
    stdout: '',
    stderr: `wharf daemon: Cannot listen on "${address}": whoever reaches it is root of this host: set tlsverify with tlscacert, tlscert and tlskey, or tls=false if that is meant\n`,
  })
  assert.match((await validate('--tls')).stderr, /set tlsverify, or tlsverify=false if that is meant/)
  assert.match(
    (await validate('--tlsverify', '--tlscert', '/no/cert', '--tlskey', '/no/key')).stderr,
    /Could not load X509 key pair \(cert: "\/no\/cert", key: "\/no\/key"\): ENOENT/,
  )
})

tlsTest('docker and wharf work over TLS, streams and half-closed connections too', async (engine) => {
  for (const program of ['docker', 'wharf'] as const) {
    const words = [...asClient(client!), 'run', '-i', '--rm', 'busybox', 'sh', '-c', 'cat; echo wrong >&2; exit 5']
    assert.deepEqual(await inside(engine, program, words, 'one\n'), { code: 5, stdout: 'one\n', stderr: 'wrong\n' })
    const env = { DOCKER_HOST: address, DOCKER_TLS_VERIFY: '1', DOCKER_CERT_PATH: client!.dir }
    const cli = engine[program]
    const named = await engine.host.exec(cli.program[0]!, [...cli.program.slice(1), 'ps', '-q'], {
      env: { ...cli.env, WHARF_HOST: '', ...env },
    })
    assert.deepEqual(named, { code: 0, stdout: '', stderr: '' })
  }
})

tlsTest('nobody gets in without a certificate, with a stranger’s, or without TLS', async (engine) => {
  for (const program of ['docker', 'wharf'] as const) {
    const refused = async (words: readonly string[], why: RegExp) => {
      const { code, stdout, stderr } = await inside(engine, program, [...words, 'ps'])
      assert.notEqual(code, 0)
      assert.equal(stdout, '')
      assert.match(stderr, why)
    }
    await refused(['-H', address, '--tls', `--tlscacert=${client!.ca}`, '--tlscert=', '--tlskey='], /./)
    await refused(asClient(stranger!), /./)
    await refused(['-H', address], /./)
  }
  const { code } = await engine.host.exec('curl', ['-sk', 'https://127.0.0.1:2376/_ping'])
  assert.notEqual(code, 0)
  const same = ['--cacert', client!.ca, '--cert', client!.cert, '--key', client!.key]
  assert.equal(await engine.host.execOk('curl', ['-s', ...same, 'https://127.0.0.1:2376/_ping']), 'OK')
})

tlsTest('SIGHUP takes up a renewed certificate, and keeps the old one when the new one is none', async (engine) => {
  const fingerprint = () =>
    engine.host.execOk('sh', [
      '-c',
      'openssl s_client -connect 127.0.0.1:2376 </dev/null 2>/dev/null | openssl x509 -noout -serial',
    ])
  const old = await fingerprint()
  const renewed = await authority.sign('renewed', 'serverAuth', ['IP:127.0.0.1'])
  copyFileSync(renewed.cert, server!.cert)
  process.kill(engine.daemon.pid, 'SIGHUP')
  await eventually(async () => engine.daemon.log.includes('cannot reload the configuration'), true)
  assert.equal(await fingerprint(), old)
  copyFileSync(renewed.key, server!.key)
  process.kill(engine.daemon.pid, 'SIGHUP')
  await eventually(async () => (await fingerprint()) !== old, true)
  assert.equal((await inside(engine, 'docker', [...asClient(client!), 'ps'])).code, 0)
})

engineTest(
  'plain TCP is served when that was said aloud, and the log says what it means',
  async (engine) => {
    const { daemon, host } = engine
    await eventually(async () => daemon.log.includes('API listening on tcp://127.0.0.1:2375\n'), true)
    assert.match(daemon.log, /lets everybody who reaches it be root/)
    assert.equal(await host.execOk('curl', ['-s', 'http://127.0.0.1:2375/_ping']), 'OK')
    assert.equal((await inside(engine, 'docker', ['-H', 'tcp://127.0.0.1:2375', 'ps'])).code, 0)
    assert.equal((await inside(engine, 'wharf', ['-H', 'tcp://127.0.0.1:2375', 'ps'])).code, 0)
  },
  { flags: ['-H', 'tcp://127.0.0.1:2375', '--tls=false'] },
)
