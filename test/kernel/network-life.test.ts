import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { vethName } from '../../src/network/cables/link-marks.ts'
import type { NetworkRequest } from '../../src/network/networking.ts'
import { eventually } from '../support/eventually.ts'
import { kernelTest } from '../support/kernel.ts'
import { attachment, containerId, networkRequest, openNetworkLab, port } from '../support/network-lab.ts'
import { runIn } from '../support/shell.ts'

kernelTest('networks are made and refused with Docker’s words', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  const { networking } = lab
  assert.deepEqual(
    networking.list().map(({ name, driver, scope }) => [name, driver, scope]),
    [
      ['bridge', 'bridge', 'local'],
      ['host', 'host', 'local'],
      ['none', 'null', 'local'],
    ],
  )
  const { id } = await networking.create(networkRequest('one'))
  const refuse = (name: string, request: Partial<NetworkRequest>, kind: string, message: string) =>
    assert.rejects(networking.create(networkRequest(name, request)), { kind, message })
  await refuse('bridge', {}, 'forbidden', 'operation is not permitted on predefined bridge network ')
  await refuse('default', {}, 'forbidden', 'operation is not permitted on predefined default network ')
  await refuse('one', {}, 'conflict', 'network with name one already exists')
  await refuse(' ', {}, 'invalid-argument', 'invalid name: name is empty')
  await refuse('h', { driver: 'host' }, 'forbidden', 'only one instance of "host" network is allowed')
  await refuse('n', { driver: 'null' }, 'forbidden', 'only one instance of "null" network is allowed')
  await refuse('x', { driver: 'nope' }, 'not-found', 'plugin "nope" not found')
  await refuse('x', { enableIPv4: false }, 'invalid-argument', 'IPv4 or IPv6 must be enabled')
  const overlap = 'invalid pool request: Pool overlaps with other one on this address space'
  await refuse('x', { ipamConfigs: [{ subnet: '172.18.0.0/24' }] }, 'forbidden', overlap)
  await networking.create(networkRequest('named', { options: { 'com.docker.network.bridge.name': 'mine' } }))
  await assert.rejects(
    networking.create(networkRequest('twin', { options: { 'com.docker.network.bridge.name': 'mine' } })),
    {
      kind: 'forbidden',
      message:
        /^cannot create network [0-9a-f]{64} \(mine\): conflicts with network .*: networks have same bridge name$/,
    },
  )
  const notFound = (name: string) => ({ kind: 'not-found', message: `network ${name} not found` })
  assert.throws(() => networking.find('nobody'), notFound('nobody'))
  assert.equal(networking.find(id.slice(0, 5)).name, 'one')
  assert.throws(() => networking.find(''), notFound(''))
  await assert.rejects(networking.remove('none'), {
    kind: 'forbidden',
    message: 'none is a pre-defined network and cannot be removed',
  })
  await networking.openSandbox(lab.wish('c1', ['one']))
  const [endpoint] = networking.endpointsOf(id)
  await assert.rejects(networking.remove('one'), {
    kind: 'forbidden',
    message: `error while removing network: network one has active endpoints (name:"c1" id:"${endpoint!.id.slice(0, 12)}")`,
  })
  await networking.closeSandbox(containerId('c1'))
  assert.deepEqual(await networking.prune(() => true, new Set([id])), ['named'])
  await networking.remove('one')
  assert.deepEqual(
    (await lab.links()).filter((name) => !name.startsWith('veth')),
    ['docker0'],
  )
})

kernelTest('a bridge of an explicit name can be made again the moment it was removed', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  for (let i = 0; i < 3; i++) {
    await lab.networking.create(networkRequest('net', { options: { 'com.docker.network.bridge.name': 'mine' } }))
    await lab.networking.remove('net')
  }
  await lab.networking.create(networkRequest('net', { options: { 'com.docker.network.bridge.name': 'mine' } }))
  assert.deepEqual(await lab.links(), ['docker0', 'mine'])
})

kernelTest('containers that start at once get addresses of their own', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('net'))
  const views = await Promise.all(
    Array.from({ length: 12 }, (_, i) => lab.networking.openSandbox(lab.wish(`c${i}`, ['net'], [port(0, 80)]))),
  )
  assert.equal(new Set(views.map(({ endpoints }) => endpoints[0]!.ipv4)).size, 12)
  assert.equal(new Set(views.map(({ sandbox }) => sandbox.ports[0]!.hostPort)).size, 12)
})

kernelTest(
  'connect and disconnect change interfaces, routes, files and ports of a running container',
  async ({ namespace }) => {
    await using lab = await openNetworkLab(namespace, { resolvConf: 'nameserver 192.0.2.53\nsearch lan\n' })
    const { networking } = lab
    await networking.create(networkRequest('inner', { internal: true }))
    await networking.create(networkRequest('net'))
    const wish = lab.wish('c', ['inner'], [port(8080, 80)])
    const { sandbox } = await networking.openSandbox(wish)
    using inside = NetworkNamespace.at(sandbox.path)
    const file = (name: string) => readFileSync(join(wish.filesDir, name), 'utf8')
    const state = () => ({
      links: runIn(inside, 'ip', '-br', 'addr')
        .split('\n')
        .filter((line) => line.startsWith('eth'))
        .map((line) =>
          line
            .split(/[@ ]+/)
            .slice(0, 4)
            .filter((word) => !word.startsWith('if'))
            .join(' '),
        ),
      routes: runIn(inside, 'ip', 'route', 'show', 'default').trim(),
      ports: networking.publishedPorts(wish.containerId).length,
      hosts: file('hosts')
        .split('\n')
        .filter((line) => line.includes('host-c')),
      server: /^nameserver .*$/m.exec(file('resolv.conf'))?.[0],
    })
    const alone = {
      links: ['eth0 UP 172.18.0.2/16'],
      routes: '',
      ports: 0,
      hosts: ['172.18.0.2\thost-c'],
      server: 'nameserver 127.0.0.11',
    }
    await eventually(async () => state(), alone) // the kernel takes a moment to say that an interface is up
    await networking.connect(wish.containerId, attachment({ network: 'net', ipv4: '172.19.0.9' }))
    await eventually(async () => state(), {
      ...alone,
      links: ['eth0 UP 172.18.0.2/16', 'eth1 UP 172.19.0.9/16'],
      routes: 'default via 172.19.0.1 dev eth1',
      ports: 2,
      hosts: ['172.18.0.2\thost-c', '172.19.0.9\thost-c'],
    })
    await assert.rejects(networking.connect(wish.containerId, attachment({ network: 'net' })), {
      kind: 'forbidden',
      message: 'endpoint with name c already exists in network net',
    })
    await networking.disconnect(wish.containerId, 'net')
    assert.deepEqual(state(), alone)
    await assert.rejects(networking.disconnect(wish.containerId, 'net'), {
      kind: 'internal',
      message: `container ${wish.containerId} is not connected to network net`,
    })
    const events = lab.events.map(({ action, network, containerId: id }) => [action, network.name, id !== undefined])
    assert.deepEqual(events.slice(-3), [
      ['connect', 'inner', true],
      ['connect', 'net', true],
      ['disconnect', 'net', true],
    ])
  },
)

kernelTest('files that somebody edited are left alone, but for our own lines in hosts', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('net'))
  const wish = lab.wish('c', ['bridge'])
  await lab.networking.openSandbox(wish)
  const path = (name: string) => join(wish.filesDir, name)
  writeFileSync(path('resolv.conf'), 'nameserver 192.0.2.99\n')
  writeFileSync(path('hosts'), `${readFileSync(path('hosts'), 'utf8')}192.0.2.98\tmine\n`)
  await lab.networking.connect(wish.containerId, attachment({ network: 'net' }))
  assert.equal(readFileSync(path('resolv.conf'), 'utf8'), 'nameserver 192.0.2.99\n')
  assert.deepEqual(readFileSync(path('hosts'), 'utf8').trimEnd().split('\n').slice(-3), [
    '172.17.0.2\thost-c',
    '192.0.2.98\tmine',
    '172.18.0.2\thost-c',
  ])
})

kernelTest('host mode makes nothing; joined containers share namespace and files', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  const { networking } = lab
  const host = await networking.openSandbox({ ...lab.wish('h', []), mode: { kind: 'host' } })
  assert.equal(host.sandbox.path, namespace.path)
  assert.match(readFileSync(join(lab.wish('h', []).filesDir, 'hosts'), 'utf8'), /printer/)
  assert.deepEqual(
    networking.endpointsOf(networking.find('host').id).map(({ containerName }) => containerName),
    ['h'],
  )
  const donor = await networking.openSandbox(lab.wish('donor', ['bridge']))
  const joiner = lab.wish('joiner', [])
  const mode = { kind: 'join', containerId: containerId('donor') } as const
  const joined = await networking.openSandbox({ ...joiner, mode })
  assert.deepEqual([joined.sandbox.path, joined.endpoints], [donor.sandbox.path, []])
  await networking.create(networkRequest('net'))
  await networking.connect(containerId('donor'), attachment({ network: 'net' }))
  assert.match(readFileSync(join(joiner.filesDir, 'hosts'), 'utf8'), /172\.18\.0\.2\thost-donor/)
  const cables = async () => (await lab.links()).filter((name) => name.startsWith('veth')).length
  await networking.disconnect(containerId('donor'), 'net')
  await networking.closeSandbox(containerId('donor'))
  assert.equal(await cables(), 1, 'somebody lives in it')
  await lab.restart([joiner.containerId])
  assert.deepEqual(await lab.networking.openSandbox(lab.wish('donor', ['bridge'])), donor)
  await lab.networking.closeSandbox(containerId('donor'))
  await lab.networking.closeSandbox(joiner.containerId)
  await lab.withoutLinks([vethName(donor.endpoints[0]!.id)])
  await assert.rejects(lab.networking.openSandbox({ ...lab.wish('late', []), mode }), {
    kind: 'conflict',
    message: `cannot join network namespace of a non running container: container ${containerId('donor').slice(0, 12)} is exited`,
  })
})

kernelTest('an engine that comes back keeps what runs, and puts right what is wrong', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('net'))
  const kept = lab.wish('kept', ['net'], [port(8080, 80)])
  const { sandbox, endpoints } = await lab.networking.openSandbox(kept)
  const gone = await lab.networking.openSandbox(lab.wish('gone', ['net']))
  runIn(namespace, 'nft', 'flush', 'ruleset')
  runIn(namespace, 'nft', 'add table inet other')
  runIn(namespace, 'ip', 'link', 'del', vethName(endpoints[0]!.id))
  runIn(namespace, 'ip', 'link', 'add', 'veth0000001', 'type', 'bridge')
  runIn(namespace, 'ip', 'link', 'set', 'veth0000001', 'alias', 'wharf endpoint 000000000001')
  await lab.restart([kept.containerId])
  assert.equal(lab.networking.sandboxOf(containerId('gone')), undefined)
  assert.deepEqual(lab.networking.sandboxOf(kept.containerId), { sandbox, endpoints })
  assert.match(
    runIn(namespace, 'nft', 'list', 'map', 'inet', 'wharf', 'published4_any'),
    /tcp \. 8080 .* : 172\.18\.0\.2 \. 80/,
  )
  assert.match(runIn(namespace, 'nft', 'list', 'tables'), /table inet other/)
  using inside = NetworkNamespace.at(sandbox.path)
  assert.match(runIn(inside, 'ip', '-br', 'addr', 'show', 'eth0'), /172\.18\.0\.2\/16/)
  assert.match(runIn(inside, 'ip', 'route', 'show', 'default'), /via 172\.18\.0\.1/)
  assert.match(runIn(inside, 'dig', '+short', '@127.0.0.11', 'kept'), /172\.18\.0\.2/)
  await lab.withoutLinks([vethName(gone.endpoints[0]!.id)])
  const left = (await lab.links()).filter((name) => name.startsWith('veth'))
  assert.deepEqual(left, [vethName(endpoints[0]!.id)])
  const next = await lab.networking.openSandbox(lab.wish('next', ['net']))
  assert.notEqual(next.endpoints[0]!.ipv4, endpoints[0]!.ipv4)
})

kernelTest(
  'the default network is on wharf0 when docker0 is somebody else’s, and follows bip',
  async ({ namespace }) => {
    runIn(namespace, 'ip', 'link', 'add', 'docker0', 'type', 'bridge')
    await using lab = await openNetworkLab(namespace, { config: { bip: '10.9.8.1/24' } })
    assert.deepEqual(await lab.links(), ['docker0', 'wharf0'])
    assert.match(runIn(namespace, 'ip', '-br', 'addr', 'show', 'wharf0'), /10\.9\.8\.1\/24/)
    const { endpoints } = await lab.networking.openSandbox(lab.wish('c', ['bridge']))
    assert.deepEqual(
      [endpoints[0]!.ipv4, endpoints[0]!.mac, endpoints[0]!.gateway],
      ['10.9.8.2/24', '02:42:0a:09:08:02', '10.9.8.1'],
    )
  },
)

kernelTest('check() refuses what cannot start, with Docker’s words', async ({ namespace }) => {
  await using lab = await openNetworkLab(namespace)
  await lab.networking.create(networkRequest('net'))
  const message = (wish: Parameters<typeof attachment>[0], checkedFor: 'create' | 'connect') => {
    try {
      lab.networking.check(lab.wish('c', [wish]), checkedFor)
      return 'taken'
    } catch (error) {
      return (error as Error).message
    }
  }
  const invalid = 'invalid endpoint settings:\n'
  assert.equal(message({ network: 'net', ipv4: '172.18.5.5', aliases: ['x'] }, 'create'), 'taken')
  assert.equal(
    message({ network: 'net', ipv4: '1.2.3.4' }, 'connect'),
    `${invalid}no configured subnet contains IP address 1.2.3.4`,
  )
  assert.equal(
    message({ network: 'net', ipv4: '1.2.3.4' }, 'create'),
    `invalid config for network net: ${invalid}no configured subnet contains IP address 1.2.3.4`,
  )
  assert.equal(
    message({ ipv4: '172.17.0.9' }, 'connect'),
    `${invalid}user-specified IP address is supported on user-defined networks only`,
  )
  assert.equal(
    message({ aliases: ['x'] }, 'connect'),
    `${invalid}network-scoped aliases are only supported for user-defined networks`,
  )
  assert.equal(message({ network: 'nope' }, 'create'), 'taken') // it may come before the container starts
  await lab.networking.openSandbox(lab.wish('first', [{ network: 'net', ipv4: '172.18.0.77' }]))
  await assert.rejects(lab.networking.openSandbox(lab.wish('second', [{ network: 'net', ipv4: '172.18.0.77' }])), {
    kind: 'forbidden',
    message: 'failed to set up container networking: Address already in use',
  })
})
