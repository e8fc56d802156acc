import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { type RawHttp, rawHttp } from '../support/raw-http.ts'
import { httpWhoami } from '../support/web.ts'

/** One request that cannot be, and Docker's answer to it. */
interface Row {
  readonly title: string
  readonly ask: readonly [method: string, path: string, body?: unknown]
  readonly status: number
  /** The whole message, or all of it as a pattern where it holds ids. */
  readonly message: string | RegExp
}

async function checkRows(t: TestContext, ask: RawHttp, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    await t.test(row.title, async () => {
      const { status, json } = await ask(...row.ask)
      if (typeof row.message === 'string')
        assert.deepEqual({ status, json }, { status: row.status, json: { message: row.message } })
      else {
        assert.match(json.message, row.message)
        assert.deepEqual([status, Object.keys(json)], [row.status, ['message']])
      }
    })
  }
}

const create = (body: object): Row['ask'] => ['POST', '/networks/create', body]
const withIpam = (...Config: object[]) => create({ Name: 'x', IPAM: { Driver: 'default', Config } })
const connect = (network: string, Container: string, EndpointConfig = {}): Row['ask'] => [
  'POST',
  `/networks/${network}/connect`,
  { Container, EndpointConfig },
]
const disconnect = (network: string, Container: string, Force = false): Row['ask'] => [
  'POST',
  `/networks/${network}/disconnect`,
  { Container, Force },
]
/** `POST /containers/create` on one network. */
const wishFor = (network: string, endpoint: object): Row['ask'] => [
  'POST',
  '/containers/create',
  {
    Image: 'busybox',
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: endpoint } },
  },
]
const ids = '[0-9a-f]{64}'

engineTest('network create answers what cannot be as Docker does', async ({ docker, daemon }, t) => {
  await docker.ok('network', 'create', '--subnet', '10.88.0.0/24', 'taken')
  await checkRows(t, rawHttp(daemon.socket), [
    ...['bridge', 'host', 'none', 'default'].map((name) => ({
      title: `create ${name}`,
      ask: create({ Name: name }),
      status: 403,
      message: `operation is not permitted on predefined ${name} network `,
    })),
    {
      title: 'a name twice',
      ask: create({ Name: 'taken' }),
      status: 409,
      message: 'network with name taken already exists',
    },
    {
      title: 'a name twice, also without CheckDuplicate',
      ask: create({ Name: 'taken', CheckDuplicate: false }),
      status: 409,
      message: 'network with name taken already exists',
    },
    { title: 'an empty name', ask: create({ Name: '' }), status: 400, message: 'invalid name: name is empty' },
    { title: 'a blank name', ask: create({ Name: '  ' }), status: 400, message: 'invalid name: name is empty' },
    {
      title: 'an unknown driver',
      ask: create({ Name: 'x', Driver: 'warp' }),
      status: 404,
      message: /^(could not find plugin warp in v1 plugin registry: )?plugin "warp" not found$/,
    },
    ...['host', 'null'].map((driver) => ({
      title: `a second network of driver ${driver}`,
      ask: create({ Name: 'x', Driver: driver }),
      status: 403,
      message: `only one instance of "${driver}" network is allowed`,
    })),
    {
      title: 'a subnet that overlaps with another network',
      ask: withIpam({ Subnet: '10.88.0.128/25' }),
      status: 403,
      message: 'invalid pool request: Pool overlaps with other one on this address space',
    },
    {
      title: 'host bits in the subnet',
      ask: withIpam({ Subnet: '10.1.0.1/16' }),
      status: 400,
      message: 'invalid network config:\ninvalid subnet 10.1.0.1/16: it should be 10.1.0.0/16',
    },
    {
      title: 'a gateway outside its subnet',
      ask: withIpam({ Subnet: '10.2.0.0/24', Gateway: '10.3.0.1' }),
      status: 400,
      message:
        "invalid network config:\ninvalid gateway 10.3.0.1: parent subnet 10.2.0.0/24 doesn't contain this address",
    },
    {
      title: 'an ip-range outside its subnet',
      ask: withIpam({ Subnet: '10.2.0.0/24', IPRange: '10.3.0.0/25' }),
      status: 400,
      message:
        "invalid network config:\ninvalid ip-range 10.3.0.0/25: parent subnet 10.2.0.0/24 doesn't contain ip-range",
    },
    {
      title: 'an ip-range bigger than its subnet',
      ask: withIpam({ Subnet: '10.2.0.0/24', IPRange: '10.2.0.0/16' }),
      status: 400,
      message:
        'invalid network config:\ninvalid ip-range 10.2.0.0/16: CIDR block is bigger than its parent subnet 10.2.0.0/24',
    },
    {
      title: 'host bits in the ip-range',
      ask: withIpam({ Subnet: '10.2.0.0/24', IPRange: '10.2.0.1/25' }),
      status: 400,
      message: 'invalid network config:\ninvalid ip-range 10.2.0.1/25: it should be 10.2.0.0/25',
    },
    {
      title: 'an auxiliary address outside its subnet',
      ask: withIpam({ Subnet: '10.2.0.0/24', AuxiliaryAddresses: { printer: '10.3.0.9' } }),
      status: 400,
      message:
        "invalid network config:\ninvalid auxiliary address printer: parent subnet 10.2.0.0/24 doesn't contain this address",
    },
    {
      title: 'a gateway of the other family',
      ask: withIpam({ Subnet: '10.2.0.0/24', Gateway: 'fd00::1' }),
      status: 400,
      message: 'invalid network config:\ninvalid gateway fd00::1: parent subnet is an IPv4 block',
    },
    {
      title: 'several mistakes at once',
      ask: withIpam({ Subnet: '10.1.0.1/16' }, { Subnet: '10.2.0.0/24', Gateway: '10.3.0.1' }),
      status: 400,
      message:
        "invalid network config:\n* invalid subnet 10.1.0.1/16: it should be 10.1.0.0/16\n* invalid gateway 10.3.0.1: parent subnet 10.2.0.0/24 doesn't contain this address",
    },
    {
      title: 'two subnets of one family',
      ask: withIpam({ Subnet: '10.2.0.0/24' }, { Subnet: '10.4.0.0/24' }),
      status: 403,
      message: "bridge driver doesn't support multiple subnets",
    },
    {
      title: 'neither IPv4 nor IPv6',
      ask: create({ Name: 'x', EnableIPv4: false }),
      status: 400,
      message: 'IPv4 or IPv6 must be enabled',
    },
    {
      title: 'scope swarm without a swarm',
      ask: create({ Name: 'x', Scope: 'swarm' }),
      status: 403,
      message: /^This node is not a swarm manager\. Use "docker swarm init" or "docker swarm join"/,
    },
    {
      title: 'an ingress network without a swarm',
      ask: create({ Name: 'x', Ingress: true }),
      status: 403,
      message: /^This node is not a swarm manager\./,
    },
  ])
  assert.equal((await docker.ok('network', 'ls', '-q')).split('\n').length, 4, 'nothing half-made')
})

engineTest(
  'pools that are used up are told as Docker tells it',
  async ({ daemon }, t) => {
    const ask = rawHttp(daemon.socket)
    assert.equal((await ask('POST', '/networks/create', { Name: 'last' })).status, 201)
    await checkRows(t, ask, [
      {
        title: 'no pool left',
        ask: create({ Name: 'x' }),
        status: 400,
        message: 'all predefined address pools have been fully subnetted',
      },
    ])
  },
  { config: { 'default-address-pools': [{ base: '10.200.0.0/23', size: 24 }] } },
)

engineTest('networks that are not there, in use or ambiguous are told as Docker tells it', async (engine, t) => {
  const { docker, daemon, api } = engine
  const ask = rawHttp(daemon.socket)
  await docker.ok('network', 'create', 'used')
  await docker.ok('run', '-di', '--name', 'c1', '--network', 'used', 'busybox')
  const prefix = await ambiguousPrefix(engine)
  const count = (await api.listNetworks()).filter(({ Id }: { Id: string }) => Id.startsWith(prefix)).length
  await checkRows(t, ask, [
    ...['bridge', 'host', 'none'].map((name) => ({
      title: `remove ${name}`,
      ask: ['DELETE', `/networks/${name}`] as const,
      status: 403,
      message: `${name} is a pre-defined network and cannot be removed`,
    })),
    {
      title: 'remove a network in use',
      ask: ['DELETE', '/networks/used'],
      status: 403,
      message: /^error while removing network: network used has active endpoints \(name:"c1" id:"[0-9a-f]{12}"\)$/,
    },
    ...(['GET', 'DELETE'] as const).map((method) => ({
      title: `${method} a network that is not there`,
      ask: [method, '/networks/nowhere'] as const,
      status: 404,
      message: 'network nowhere not found',
    })),
    {
      title: 'connect to a network that is not there',
      ask: connect('nowhere', 'c1'),
      status: 404,
      message: 'network nowhere not found',
    },
    {
      title: 'remove by a prefix of several ids',
      ask: ['DELETE', `/networks/${prefix}`],
      status: 400,
      message: `network ${prefix} is ambiguous (${count} matches found based on ID prefix)`,
    },
    {
      title: 'inspect by a prefix of several ids',
      ask: ['GET', `/networks/${prefix}`],
      status: 400,
      message: `${count} matches found based on ID prefix: network ${prefix} is ambiguous`,
    },
  ])
})

/** Makes networks until the ids of two begin with the same digit; a template needs no subnet. */
async function ambiguousPrefix({ api }: Engine): Promise<string> {
  for (let index = 0; ; index++) {
    const digits = (await api.listNetworks()).map(({ Id }: { Id: string }) => Id[0]!)
    const twice = digits.find((digit: string, at: number) => digits.indexOf(digit) !== at)
    if (twice !== undefined) return twice
    await api.createNetwork({ Name: `template${index}`, ConfigOnly: true })
  }
}

engineTest('connect and disconnect answer what cannot be as Docker does', async ({ docker, daemon }, t) => {
  await docker.ok('network', 'create', '--subnet', '10.88.0.0/24', 'net')
  await docker.ok('network', 'create', 'other')
  await docker.ok('run', '-di', '--name', 'c1', '--network', 'net', '--ip', '10.88.0.9', 'busybox')
  await docker.ok('run', '-di', '--name', 'c2', '--network', 'other', 'busybox')
  await docker.ok('create', '--name', 'idle', '--network', 'net', 'busybox')
  const sysctl = { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.eth0.log_martians=1' }
  const wrongSysctl =
    "unrecognised network interface sysctl 'net.ipv4.conf.eth0.log_martians=1'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'"
  await checkRows(t, rawHttp(daemon.socket), [
    {
      title: 'connect a running container twice',
      ask: connect('net', 'c1'),
      status: 403,
      message: 'endpoint with name c1 already exists in network net',
    },
    {
      title: 'connect a container that is not there',
      ask: connect('net', 'nobody'),
      status: 404,
      message: 'No such container: nobody',
    },
    {
      title: 'disconnect a running container from where it is not',
      ask: disconnect('other', 'c1'),
      status: 500,
      message: new RegExp(`^container ${ids} is not connected to network other$`),
    },
    {
      title: 'disconnect a stopped container from where it is not',
      ask: disconnect('other', 'idle'),
      status: 500,
      message: new RegExp(`^container ${ids} is not connected to the network other$`),
    },
    {
      title: 'disconnect a container that is not there',
      ask: disconnect('net', 'nobody'),
      status: 404,
      message: 'No such container: nobody',
    },
    {
      title: 'force a container off that is neither there nor on the network',
      ask: disconnect('net', 'nobody', true),
      status: 404,
      message: 'endpoint nobody not found',
    },
    {
      title: 'an address on the default network',
      ask: connect('bridge', 'c1', { IPAMConfig: { IPv4Address: '172.17.0.9' } }),
      status: 400,
      message: 'invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only',
    },
    {
      title: 'an alias on the default network',
      ask: connect('bridge', 'c1', { Aliases: ['x'] }),
      status: 400,
      message: 'invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks',
    },
    {
      title: 'an address outside the subnets, connecting',
      ask: connect('net', 'c2', { IPAMConfig: { IPv4Address: '1.2.3.4' } }),
      status: 400,
      message: 'invalid endpoint settings:\nno configured subnet contains IP address 1.2.3.4',
    },
    {
      title: 'an address outside the subnets, connecting a stopped container',
      ask: connect('other', 'idle', { IPAMConfig: { IPv4Address: '1.2.3.4' } }),
      status: 400,
      message: 'invalid endpoint settings:\nno configured subnet contains IP address 1.2.3.4',
    },
    {
      title: 'an address that is taken, connecting',
      ask: connect('net', 'c2', { IPAMConfig: { IPv4Address: '10.88.0.9' } }),
      status: 403,
      message: 'Address already in use',
    },
    {
      title: 'a sysctl of another interface, connecting',
      ask: connect('net', 'c2', { DriverOpts: sysctl }),
      status: 400,
      message: `invalid endpoint settings:\n${wrongSysctl}`,
    },
    {
      title: 'an address on the default network, creating',
      ask: wishFor('bridge', { IPAMConfig: { IPv4Address: '172.17.0.9' } }),
      status: 400,
      message:
        'invalid config for network bridge: invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only',
    },
    {
      title: 'an alias on the default network, creating',
      ask: wishFor('bridge', { Aliases: ['x'] }),
      status: 400,
      message:
        'invalid config for network bridge: invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks',
    },
    {
      title: 'an address outside the subnets, creating',
      ask: wishFor('net', { IPAMConfig: { IPv4Address: '1.2.3.4' } }),
      status: 400,
      message:
        'invalid config for network net: invalid endpoint settings:\nno configured subnet contains IP address 1.2.3.4',
    },
    {
      title: 'a link-local address that is none, creating',
      ask: wishFor('net', { IPAMConfig: { LinkLocalIPs: ['0.0.0.0'] } }),
      status: 400,
      message: 'invalid config for network net: invalid endpoint settings:\ninvalid link-local IP address: 0.0.0.0',
    },
    {
      title: 'a sysctl of another interface, creating',
      ask: wishFor('net', { DriverOpts: sysctl }),
      status: 400,
      message: `invalid config for network net: invalid endpoint settings:\n${wrongSysctl}`,
    },
  ])
})

engineTest('a start that the network refuses is told as Docker tells it', async ({ docker, daemon, host }, t) => {
  await docker.ok('network', 'create', '--subnet', '10.88.0.0/24', 'net')
  await docker.ok('network', 'create', '--subnet', '10.89.0.0/30', 'tiny')
  await docker.ok(
    'run',
    '-di',
    '--name',
    'c1',
    '--network',
    'net',
    '--ip',
    '10.88.0.9',
    '-p',
    '8080-8081:80-81',
    'busybox',
  )
  await docker.ok('run', '-di', '--name', 'c2', '--network', 'tiny', 'busybox')
  await using _server = await httpWhoami(host.namespace.path, '0.0.0.0', 8090)
  const tiny = await docker.ok('network', 'inspect', '-f', '{{.Id}}', 'tiny')
  const failure = 'failed to set up container networking: '
  const publishing = (name: string) =>
    `^${failure}driver failed programming external connectivity on endpoint ${name} \\(${ids}\\): `
  const cases: readonly (Omit<Row, 'ask'> & { readonly flags: readonly string[] })[] = [
    {
      title: 'an address that is taken, starting',
      flags: ['--network', 'net', '--ip', '10.88.0.9'],
      status: 403,
      message: `${failure}Address already in use`,
    },
    {
      title: 'a subnet without a free address',
      flags: ['--network', 'tiny'],
      status: 500,
      message: `${failure}no available IPv4 addresses on this network's address pools: tiny (${tiny})`,
    },
    {
      title: 'a port of another container',
      flags: ['-p', '8080:80'],
      status: 500,
      message: new RegExp(`${publishing('s2')}Bind for 0\\.0\\.0\\.0:8080 failed: port is already allocated$`),
    },
    {
      title: 'a port of a process of the host',
      flags: ['-p', '8090:80'],
      status: 500,
      message: new RegExp(
        `${publishing('s3')}failed to bind host port 0\\.0\\.0\\.0:8090/tcp: address already in use$`,
      ),
    },
    {
      title: 'a range of ports that are all taken',
      flags: ['-p', '8080-8081:80'],
      status: 500,
      message: new RegExp(`${publishing('s4')}all ports are allocated$`),
    },
  ]
  for (const [index, { flags }] of cases.entries()) {
    await docker.ok('create', '--name', `s${index}`, ...flags, 'busybox')
  }
  const links = await host.ip('link', 'show')
  await checkRows(
    t,
    rawHttp(daemon.socket),
    cases.map((row, index) => ({ ...row, ask: ['POST', `/containers/s${index}/start`] })),
  )
  assert.deepEqual((await host.ip('link', 'show')).length, links.length, 'nothing half-made')
})

engineTest('a container that could not be removed is dead, and told as Docker tells it', async (engine, t) => {
  const { docker, daemon, host } = engine
  await docker.ok('network', 'create', 'net')
  await docker.ok('create', '--name', 'stuck', 'busybox')
  const id = await docker.ok('inspect', '-f', '{{.Id}}', 'stuck')
  const busy = await docker
    .ok('inspect', '-f', '{{.HostnamePath}}', 'stuck')
    .then((path) => path.replace(/hostname$/, 'busy'))
  await host.execOk('mkdir', [busy])
  await host.execOk('mount', ['-t', 'tmpfs', 'none', busy]) // what is mounted there keeps the directory
  try {
    assert.equal((await docker.run(['rm', 'stuck'])).code, 1)
    assert.equal(await docker.ok('ps', '-a', '--format', '{{.Status}}', '-f', 'name=stuck'), 'Dead')
    const message = `Container ${id} is marked for removal and cannot be connected or disconnected to the network`
    await checkRows(t, rawHttp(daemon.socket), [
      { title: 'connect a dead container', ask: connect('net', 'stuck'), status: 500, message },
      { title: 'disconnect a dead container', ask: disconnect('bridge', 'stuck'), status: 500, message },
    ])
  } finally {
    await host.execOk('umount', [busy])
  }
  await docker.ok('rm', 'stuck')
})
