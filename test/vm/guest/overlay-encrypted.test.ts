// Virtual machine: vxlan esp4 nft_xfrm
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { NetworkSecrets } from '../../../src/network/peers.ts'
import type { Host } from '../../support/host.ts'
import { kernelTest } from '../../support/kernel.ts'
import { type OverlayContainer, type OverlayLab, openOverlayLab, overlaySpec } from '../../support/overlay-lab.ts'
import { runIn } from '../../support/shell.ts'

const spec = { ...overlaySpec, options: { encrypted: '' } }
const secret = (number: number, fill = number) => ({ number, bytes: new Uint8Array(32).fill(fill) })
const first: NetworkSecrets = { accepted: [secret(1)], sending: 1 }
/** In every packet that the containers send here; twice, as ping repeats it. */
const pattern = 'c0ffee11'

/** What goes over the wire of a host while `body` runs, with the bytes of each packet. */
async function listen(host: Host, body: () => Promise<void> | void): Promise<string> {
  const words = ['-i', 'eth0', '-nn', '-x', '-l', '--immediate-mode', 'not', 'arp', 'and', 'not', 'icmp6']
  const child = spawn(...host.enter('tcpdump', ...words), { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout!.on('data', (data: Buffer) => (output += data))
  await once(child.stderr!, 'data') // "listening on eth0"
  try {
    await body()
  } finally {
    child.kill('SIGINT')
    await once(child, 'close')
  }
  return output
}

async function openLab(count: number): Promise<OverlayLab & { readonly containers: readonly OverlayContainer[] }> {
  const lab = await openOverlayLab(count, spec)
  for (const host of lab.hosts) host.secrets = first
  const containers = await Promise.all(
    lab.hosts.map((host, i) => host.plugIn(`10.0.0.${i + 2}/24`, `fd00:10::${i + 2}/64`)),
  )
  await lab.introduce(containers)
  return Object.assign(lab, { containers })
}

function ping({ namespace }: OverlayContainer, to: string, ...options: string[]): string {
  return runIn(namespace, 'ping', '-n', '-c', '1', '-W', '3', '-p', pattern, ...options, to)
}

/** Nothing of the network was on the wire in clear. */
function assertSilent(wire: string): void {
  assert.doesNotMatch(wire, /VXLAN|\.4789/)
  assert.ok(!wire.replaceAll(/[\s]/g, '').includes(pattern), wire)
}

kernelTest('overlay encrypted: hosts reach each other over both families, and the wire shows ESP only', async () => {
  await using lab = await openLab(2)
  const [one] = lab.containers
  const wire = await listen(lab.lan.hosts[0]!, () => {
    ping(one!, '10.0.0.3')
    ping(one!, 'fd00:10::3')
    ping(one!, '10.0.0.3', '-M', 'do', '-s', String(1416 - 28)) // the largest, whole
    assert.throws(() => ping(one!, '10.0.0.3', '-M', 'do', '-s', String(1417 - 28)), /message too long/i)
  })
  assert.match(wire, /ESP\(spi=/)
  assert.doesNotMatch(wire, /frag/)
  assertSilent(wire)
})

kernelTest('overlay encrypted: whatever is flushed, nothing leaves in clear, and comparing mends it', async () => {
  await using lab = await openLab(2)
  const [one] = lab.containers
  const host = lab.lan.hosts[0]!
  const flushes = [
    ['ip', 'xfrm', 'state', 'flush'],
    ['ip', 'xfrm', 'policy', 'flush'],
  ] as const
  for (const [program, ...words] of flushes) {
    await host.execOk(program, words)
    assertSilent(await listen(host, () => assert.throws(() => ping(one!, '10.0.0.3', '-W', '1'))))
    await lab.driver.ensureNetwork(lab.plan, lab.hosts[0]!.context)
    await lab.introduce(lab.containers)
    ping(one!, '10.0.0.3')
  }
  await host.execOk('nft', ['flush', 'ruleset'])
  const wire = await listen(host, () => void ping(one!, '10.0.0.3'))
  assert.match(wire, /ESP/, 'encrypted without the rules of the host, too')
  assertSilent(wire)
})

kernelTest('overlay encrypted: a host with another key is not heard, nor is clear text', async () => {
  await using lab = await openLab(3)
  const [one, , three] = lab.containers
  ping(three!, '10.0.0.2')
  lab.hosts[2]!.secrets = { accepted: [secret(1, 99)], sending: 1 }
  await lab.introduce(lab.containers)
  assert.throws(() => ping(three!, '10.0.0.2', '-W', '1'))
  assert.throws(() => ping(one!, '10.0.0.4', '-W', '1'))
  ping(one!, '10.0.0.3')

  // The same host, by a tunnel of its own that nobody encrypts.
  const stranger = lab.lan.hosts[2]!
  await lab.driver.removeNetwork(lab.plan, lab.hosts[2]!.context)
  for (const line of [
    'link add vx type vxlan id 4097 dstport 4789 local 192.0.2.3 remote 192.0.2.1',
    'link set vx address 02:42:0a:00:00:04 up',
    'address add 10.0.0.4/24 dev vx',
    `neigh add 10.0.0.2 lladdr ${one!.endpoint.mac} dev vx`,
  ])
    await stranger.execOk('ip', line.split(' '))
  const heard = await listen(lab.lan.hosts[0]!, async () => {
    assert.notEqual((await stranger.exec('ping', ['-c', '1', '-W', '1', '10.0.0.2'])).code, 0)
  })
  assert.match(heard, /VXLAN/, 'it came to the host')
  const rules = await lab.lan.hosts[0]!.execOk('nft', ['list', 'table', 'inet', 'wharf-encrypted-4097'])
  assert.match(rules, /counter packets [1-9]\d* bytes \d+ drop/)
})

kernelTest('overlay encrypted: keys are changed under traffic, and not one packet is lost', async () => {
  await using lab = await openLab(2)
  const [one] = lab.containers
  const before = await lab.lan.hosts[0]!.execOk('ip', ['xfrm', 'state'])
  const words = [`--net=${one!.namespace.path}`, 'ping', '-n', '-q', '-c', '150', '-i', '0.02', '-W', '5', '10.0.0.3']
  const pinging = lab.lan.hosts[0]!.exec('nsenter', words)
  const steps: NetworkSecrets[] = [
    { accepted: [secret(1), secret(2)], sending: 1 },
    { accepted: [secret(1), secret(2)], sending: 2 },
    { accepted: [secret(2)], sending: 2 },
  ]
  for (const step of steps) {
    for (const host of lab.hosts) {
      host.secrets = step
      await lab.introduce(lab.containers) // one host after the other: each step is seen half done
    }
  }
  assert.match((await pinging).stdout, /150 packets transmitted, 150 received, 0% packet loss/)
  const after = await lab.lan.hosts[0]!.execOk('ip', ['xfrm', 'state'])
  const spis = (text: string): string[] => text.match(/spi 0x\w+/g) ?? []
  assert.deepEqual([spis(before).length, spis(after).length], [2, 2])
  assert.equal(new Set([...spis(before), ...spis(after)]).size, 4)
})

kernelTest('overlay encrypted: nothing is left of a network that is removed, or of a host that is gone', async () => {
  await using lab = await openLab(3)
  const { driver, plan, hosts } = lab
  const count = async (what: string): Promise<number> =>
    (await lab.lan.hosts[0]!.execOk('ip', ['xfrm', what])).split('\n').filter((line) => /^src/.test(line)).length
  assert.deepEqual([await count('state'), await count('policy')], [4, 3])
  const farewell = { endpointId: 'host', addresses: [], mac: '02:00:00:00:00:01', hostAddress: lab.lan.addresses[2]! }
  await driver.peers.remove(plan, [farewell], hosts[0]!.context)
  assert.deepEqual([await count('state'), await count('policy')], [2, 2])
  await driver.removeNetwork(plan, hosts[0]!.context)
  assert.deepEqual([await count('state'), await count('policy')], [0, 0])
  assert.equal(await lab.lan.hosts[0]!.execOk('nft', ['list', 'tables']), '')

  // The second host's engine died, and nobody knows the network any more when it comes back.
  await driver.sweep({ networks: [], endpointIds: new Set() }, hosts[1]!.context)
  assert.equal(await lab.lan.hosts[1]!.execOk('ip', ['xfrm', 'state']), '')
  assert.equal(await lab.lan.hosts[1]!.execOk('nft', ['list', 'tables']), '')
})
