import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import type { Host } from '../support/host.ts'
import { kernelTest } from '../support/kernel.ts'
import { type OverlayLab, openOverlayLab, overlaySpec, witnessPeer } from '../support/overlay-lab.ts'
import { runIn } from '../support/shell.ts'

/** What goes over the wire of a host while `body` runs, as tcpdump prints it: VXLAN decoded, the frame inside too. */
async function listen(host: Host, body: () => Promise<void> | void): Promise<string[]> {
  const child = spawn(...host.enter('tcpdump', '-i', 'eth0', '-nn', '-e', '-l', '--immediate-mode', '-Q', 'inout'), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stdout!.on('data', (data: Buffer) => (output += data))
  await once(child.stderr!, 'data') // "listening on eth0": from now on it sees everything
  try {
    await body()
  } finally {
    child.kill('SIGINT')
    await once(child, 'close')
  }
  return output.split('\n').filter((line) => line !== '')
}

/** Frames inside tunnels: tcpdump gives them a line of their own, without a time. */
function inside(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^\d\d:\d\d:\d\d\./.test(line))
}

/** Questions and announcements about who has an address. */
const asking = /ARP|neighbor|router|group report|multicast/i

async function threeContainers(lab: OverlayLab) {
  const containers = await Promise.all(
    lab.hosts.map((host, i) => host.plugIn(`10.0.0.${i + 2}/24`, `fd00:10::${i + 2}/64`)),
  )
  await lab.introduce(containers)
  return containers
}

function ping(from: NetworkNamespace, to: string, ...options: string[]): void {
  runIn(from, 'ping', '-n', '-c', '1', '-W', '2', ...options, to)
}

kernelTest(
  'overlay: containers of three hosts reach each other over both families, and nobody asks on the wire',
  async () => {
    await using lab = await openOverlayLab(3)
    const containers = await threeContainers(lab)
    const lines = await listen(lab.lan.hosts[0]!, async () => {
      for (const from of containers)
        for (const to of containers) for (const cidr of to.endpoint.addresses) ping(from.namespace, cidr.split('/')[0]!)
    })
    assert.ok(
      inside(lines).some((line) => line.includes('ICMP echo reply')),
      lines.join('\n'),
    )
    assert.deepEqual(
      inside(lines).filter((line) => asking.test(line)),
      [],
    )
  },
)

kernelTest(
  'overlay: an address that nobody has gives no frame on the wire, nor do broadcast and multicast',
  async () => {
    await using lab = await openOverlayLab(2)
    const [one] = await threeContainers(lab)
    const unknown = '02:42:0a:00:00:63'
    runIn(one!.namespace, 'ip', 'neigh', 'add', '10.0.0.99', 'lladdr', unknown, 'dev', 'eth0')
    const lines = await listen(lab.lan.hosts[0]!, () => {
      for (const to of ['10.0.0.98', '10.0.0.99', 'fd00:10::98'])
        assert.throws(() => ping(one!.namespace, to, '-W', '1'), to)
      assert.throws(() => ping(one!.namespace, '10.0.0.255', '-b', '-W', '1'))
      ping(one!.namespace, 'ff02::1%eth0') // this host's bridge hears it, and answers
    })
    assert.deepEqual(
      lines.filter((line) => line.includes('VXLAN')),
      [],
    )
  },
)

kernelTest('overlay: a neighbour that is probed is answered here, not on the wire', async () => {
  await using lab = await openOverlayLab(2)
  const [one, two] = await threeContainers(lab)
  ping(one!.namespace, '10.0.0.3')
  const lines = await listen(lab.lan.hosts[0]!, () => {
    // Unicast questions, which a bridge forwards like anything else.
    runIn(one!.namespace, 'busybox', 'arping', '-c', '3', '-w', '3', '-I', 'eth0', '10.0.0.3')
    runIn(
      one!.namespace,
      'ip',
      'neigh',
      'replace',
      'fd00:10::3',
      'lladdr',
      two!.endpoint.mac,
      'nud',
      'probe',
      'dev',
      'eth0',
    )
    ping(one!.namespace, 'fd00:10::3')
  })
  assert.deepEqual(
    inside(lines).filter((line) => asking.test(line)),
    [],
  )
})

kernelTest('overlay: packets of full size pass unfragmented, larger ones are refused at the source', async () => {
  await using lab = await openOverlayLab(2)
  const [one] = await threeContainers(lab)
  const lines = await listen(lab.lan.hosts[0]!, () => {
    ping(one!.namespace, '10.0.0.3', '-M', 'do', '-s', String(1450 - 28))
    ping(one!.namespace, 'fd00:10::3', '-M', 'do', '-s', String(1450 - 48))
    assert.throws(() => ping(one!.namespace, '10.0.0.3', '-M', 'do', '-s', String(1451 - 28)), /message too long/i)
  })
  assert.equal(lines.filter((line) => line.includes('frag')).length, 0)
})

kernelTest('overlay: TCP across hosts, and the tunnel’s socket is the host’s', async () => {
  await using lab = await openOverlayLab(2)
  const [one, two] = await threeContainers(lab)
  const server = spawn(
    'nsenter',
    [`--net=${two!.namespace.path}`, 'busybox', 'nc', '-l', '-p', '7000', '-e', 'echo', 'hello'],
    { stdio: 'ignore' },
  )
  const ended = once(server, 'close')
  const answer = await lab.lan.hosts[0]!.execOk('nsenter', [
    `--net=${one!.namespace.path}`,
    'sh',
    '-c',
    'for i in $(seq 100); do busybox nc -w 2 10.0.0.3 7000 && exit; sleep 0.1; done',
  ])
  assert.equal(answer, 'hello')
  await ended
  assert.match(runIn(lab.lan.hosts[0]!.namespace, 'ss', '-Hlun'), /0\.0\.0\.0:4789/)
  assert.doesNotMatch(runIn(lab.lan.hosts[0]!.namespace, 'ip', '-br', 'link'), /vx|br0/)
})

kernelTest(
  'overlay: a peer that moves to another host is found there, and the old host’s farewell comes too late',
  async () => {
    await using lab = await openOverlayLab(3)
    const [one, two] = await threeContainers(lab)
    const { plan, driver, hosts } = lab
    ping(one!.namespace, '10.0.0.3')
    await driver.removeEndpoint(plan, two!.endpoint, hosts[1]!.context)
    const moved = await hosts[2]!.plugIn(...two!.endpoint.addresses)
    await driver.peers.add(plan, [moved.peer], hosts[0]!.context)
    await driver.peers.remove(plan, [two!.peer], hosts[0]!.context)
    await driver.peers.add(plan, [one!.peer], hosts[2]!.context)
    assert.deepEqual(await witnessPeer(hosts[0]!, moved.peer), {
      remote: ['192.0.2.3'],
      port: ['vx4097'],
      neighbours: ['10.0.0.3 02:42:0a:00:00:03', 'fd00:10::3 02:42:0a:00:00:03'],
    })
    ping(one!.namespace, '10.0.0.3')
    ping(moved.namespace, '10.0.0.2')
    await driver.peers.remove(plan, [moved.peer], hosts[0]!.context)
    await driver.peers.remove(plan, [moved.peer], hosts[0]!.context)
    assert.deepEqual(await witnessPeer(hosts[0]!, moved.peer), { remote: [], port: [], neighbours: [] })
    assert.throws(() => ping(one!.namespace, '10.0.0.3', '-W', '1'))
  },
)

kernelTest('overlay: subnets of one network reach each other by their gateways, across hosts', async () => {
  const subnets = [
    { prefix: '10.1.0.0/24', gateway: '10.1.0.1', vni: 5001 },
    { prefix: '10.2.0.0/24', gateway: '10.2.0.1', vni: 5002 },
  ]
  await using lab = await openOverlayLab(2, { ...overlaySpec, subnets, enableIPv6: false })
  const containers = [await lab.hosts[0]!.plugIn('10.1.0.2/24'), await lab.hosts[1]!.plugIn('10.2.0.2/24')]
  await lab.introduce(containers)
  ping(containers[0]!.namespace, '10.2.0.2')
  ping(containers[0]!.namespace, '10.1.0.1')
})
