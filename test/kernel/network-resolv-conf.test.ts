import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import type { SandboxWish } from '../../src/network/networking.ts'
import { dig } from '../support/dig.ts'
import { addresses, startDnsServer } from '../support/dns-server.ts'
import { eventually } from '../support/eventually.ts'
import { kernelTest } from '../support/kernel.ts'
import { type NetworkLab, networkRequest, openNetworkLab } from '../support/network-lab.ts'

const first = 'nameserver 127.0.1.1\nsearch one.example\n'
const second = 'nameserver 127.0.1.2\nsearch two.example\noptions timeout:2\n'

/** Two servers of the host, which say 192.0.2.1 and 192.0.2.2 to everything. */
async function servers(namespace: NetworkNamespace): Promise<AsyncDisposable> {
  const stack = new AsyncDisposableStack()
  for (const number of [1, 2]) {
    stack.use(await startDnsServer(namespace, `127.0.1.${number}`, (query) => addresses(query, number)))
  }
  return stack
}

/** Ways in which programs write the file. */
const ways: Readonly<Record<string, (path: string, text: string) => void>> = {
  'is written in place': writeFileSync,
  'is replaced by a rename': (path, text) => {
    writeFileSync(`${path}.new`, text)
    renameSync(`${path}.new`, path)
  },
  'is removed and made again': (path, text) => {
    rmSync(path)
    writeFileSync(path, text)
  },
  'becomes a link elsewhere': (path, text) => {
    mkdirSync(`${path}.d`, { recursive: true })
    writeFileSync(`${path}.d/stub`, text)
    symlinkSync(`${path}.d/stub`, `${path}.link`)
    renameSync(`${path}.link`, path)
  },
}

/** What a question of a container is answered with now; every time another name, which no cache knows. */
async function answer(path: string): Promise<string | undefined> {
  using namespace = NetworkNamespace.at(path)
  return (await dig(namespace, `n${Math.random()}.example`)).answers[0]?.split(' ').at(-1)
}

const fileOf = ({ filesDir }: Pick<SandboxWish, 'filesDir'>) => readFileSync(join(filesDir, 'resolv.conf'), 'utf8')

for (const [what, write] of Object.entries(ways)) {
  kernelTest(`containers follow when the resolv.conf of the host ${what}`, async ({ namespace }) => {
    await using lab = await openNetworkLab(namespace, { resolvConf: first })
    await using _servers = await servers(namespace)
    await lab.networking.create(networkRequest('net'))
    const wish = lab.wish('web', ['net'])
    const { sandbox } = await lab.networking.openSandbox(wish)
    assert.equal(await answer(sandbox.path), '192.0.2.1')
    write(join(lab.dir, 'host-resolv.conf'), second)
    await eventually(() => answer(sandbox.path), '192.0.2.2')
    const lines = /^nameserver 127\.0\.0\.11\nsearch two\.example\noptions timeout:2 ndots:0$/m
    await eventually(async () => lines.test(fileOf(wish)), true)
    assert.match(fileOf(wish), /^# ExtServers: \[host\(127\.0\.1\.2\)\]$/m)
  })
}

/** A container on the default network, one on the host's, one whose file was edited, and one that lives with the first. */
async function inhabit(lab: NetworkLab) {
  const plain = lab.wish('plain', ['bridge'])
  const edited = lab.wish('edited', ['bridge'])
  const host: SandboxWish = { ...lab.wish('host', []), mode: { kind: 'host' } }
  const mode = { kind: 'join', containerId: plain.containerId } as const
  const joined: SandboxWish = { ...lab.wish('joined', []), mode }
  for (const wish of [plain, edited, host, joined]) await lab.networking.openSandbox(wish)
  writeFileSync(join(edited.filesDir, 'resolv.conf'), 'nameserver 198.51.100.1\n')
  return { plain, edited, host, joined }
}

const serversIn = (wish: SandboxWish) => Array.from(fileOf(wish).matchAll(/^nameserver (.*)$/gm), ([, one]) => one)

kernelTest('the files of containers without names follow, unless somebody edited them', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace, { resolvConf: 'nameserver 192.0.2.53\n' })
  const box = await inhabit(lab)
  const path = join(lab.dir, 'host-resolv.conf')
  const seen = async () => Object.values(box).map(serversIn)
  assert.deepEqual(await seen(), [['192.0.2.53'], ['198.51.100.1'], ['192.0.2.53'], ['192.0.2.53']])
  writeFileSync(path, 'nameserver 192.0.2.54\n')
  await eventually(seen, [['192.0.2.54'], ['198.51.100.1'], ['192.0.2.54'], ['192.0.2.54']])

  // A stub on loopback: containers ask the servers behind it, which are told in another file.
  writeFileSync(join(lab.dir, 'nothing-here'), 'nameserver 192.0.2.55\n')
  writeFileSync(path, 'nameserver 127.0.0.53\n')
  await eventually(seen, [['192.0.2.55'], ['198.51.100.1'], ['127.0.0.53'], ['192.0.2.55']])
  writeFileSync(join(lab.dir, 'nothing-here'), 'nameserver 192.0.2.56\n')
  await eventually(seen, [['192.0.2.56'], ['198.51.100.1'], ['127.0.0.53'], ['192.0.2.56']])
})

kernelTest('what changed while no engine ran is followed at its start', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace, { resolvConf: first })
  await using _servers = await servers(namespace)
  await lab.networking.create(networkRequest('net'))
  const [named, plain] = [lab.wish('named', ['net']), lab.wish('plain', ['bridge'])]
  const { sandbox } = await lab.networking.openSandbox(named)
  await lab.networking.openSandbox(plain)
  await lab.networking.close()
  writeFileSync(join(lab.dir, 'host-resolv.conf'), second)
  await lab.restart([named.containerId, plain.containerId])
  assert.equal(await answer(sandbox.path), '192.0.2.2')
  for (const wish of [named, plain]) assert.match(fileOf(wish), /^search two\.example$/m)
})
