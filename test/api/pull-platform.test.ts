import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { createAuthority } from '../support/certificates.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { sha256 } from '../support/image-lab.ts'
import { startFakeRegistry } from '../support/image-registry.ts'
import { startRegistry } from '../support/registry.ts'

const name = '127.0.0.1:5000/x'

/** An image whose only file is named after its architecture. */
async function imageFor({ host, daemon }: Engine, architecture: string) {
  const dir = join(daemon.root, architecture)
  mkdirSync(dir)
  const { stdout } = await host.exec('sh', ['-c', `touch ${dir}/${architecture}; tar -C ${dir} -cf - . | base64 -w0`])
  const tar = Buffer.from(stdout, 'base64')
  return { layers: [gzipSync(tar)], diffIds: [sha256(tar)], architecture }
}

engineTest('pull --platform takes one of an index, and says so when there is none', async (engine) => {
  const { docker, wharf, api, host } = engine
  const [amd64, arm64] = [await imageFor(engine, 'amd64'), await imageFor(engine, 'arm64')]
  await using _ = await startFakeRegistry(host.namespace, { many: [amd64, arm64], one: [arm64] })
  for (const client of [docker, wharf]) {
    for (const [platform, architecture] of [
      ['linux/arm64', 'arm64'],
      ['linux/amd64', 'amd64'],
      ['', 'amd64'],
    ] as const) {
      await client.ok('pull', '-q', ...(platform ? ['--platform', platform] : []), `${name}:many`)
      assert.equal((await api.getImage(`${name}:many`).inspect()).Architecture, architecture)
    }
    const none = await client.run(['pull', '--platform', 'linux/s390x', `${name}:many`])
    assert.match(none.stderr, /no matching manifest for linux\/s390x in the manifest list entries/)
    const wrong = await client.run(['pull', '--platform', 'linux/amd64', `${name}:one`])
    assert.match(
      wrong.stderr,
      /image with reference 127.0.0.1:5000\/x:one was found but its platform \(linux\/arm64\) does not match the specified platform \(linux\/amd64\)/,
    )
    const bad = await client.run(['pull', '--platform', 'a/b/c/d', `${name}:many`])
    assert.equal(bad.code, 1)
  }
})

engineTest('pull by digest takes that manifest or none; rmi and images know it by it', async (engine) => {
  const { docker, wharf, host } = engine
  await using registry = await startRegistry(host)
  const repository = `${registry.address}/busybox`
  await docker.ok('tag', 'busybox', repository)
  const [, digest] = /digest: (sha256:\S+)/.exec(await docker.ok('push', repository))!
  await docker.ok('rmi', repository)
  assert.match(await docker.ok('pull', `${repository}@${digest}`), new RegExp(`^Digest: ${digest}$`, 'm'))
  const rows = (client: Engine['docker']) =>
    client.ok('images', '--digests', '--format', '{{.Repository}} {{.Tag}} {{.Digest}}', repository)
  assert.equal(await rows(docker), `${repository} <none> ${digest}`)
  assert.equal(await rows(wharf), await rows(docker))
  const other = await docker.run(['pull', `${repository}@sha256:${'1'.repeat(64)}`])
  assert.match(other.stderr, /manifest for .* not found: manifest unknown/)
  assert.equal(await docker.ok('rmi', `${repository}@${digest}`), `Untagged: ${repository}@${digest}`)
})

engineTest(
  'a registry with TLS is believed by the certificates that are laid down for it, or told to be insecure',
  async (engine) => {
    const { docker, host, daemon } = engine
    using authority = await createAuthority()
    const { cert, key } = await authority.sign('registry', 'serverAuth', ['IP:10.9.9.9'])
    await host.execOk('ip', ['addr', 'add', '10.9.9.9/32', 'dev', 'lo'])
    await using _ = await startRegistry(host, 5000, { tls: { certificate: cert, key }, host: '10.9.9.9' })
    const tagged = '10.9.9.9:5000/x'
    await docker.ok('tag', 'busybox', tagged)
    assert.match((await docker.run(['push', tagged])).stderr, /x509: certificate signed by unknown authority/)
    const laid = join(daemon.root, 'certs.d/10.9.9.9:5000')
    mkdirSync(laid, { recursive: true })
    copyFileSync(authority.caFile, join(laid, 'ca.crt'))
    await restart({ 'registry-certificates': join(daemon.root, 'certs.d') })
    await docker.ok('push', tagged)
    await restart({ 'insecure-registries': ['10.9.0.0/16'] })
    await docker.ok('pull', tagged)

    async function restart(config: object): Promise<void> {
      await daemon.stop()
      writeFileSync(join(daemon.root, 'daemon.json'), JSON.stringify(config))
      await daemon.start()
    }
  },
)
