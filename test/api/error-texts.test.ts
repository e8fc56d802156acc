import assert from 'node:assert/strict'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { checkRows, connect, create, withIpam } from '../support/error-rows.ts'
import { rawHttp } from '../support/raw-http.ts'

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
      title: 'a gateway that is the broadcast address',
      ask: withIpam({ Subnet: '10.2.0.0/24', Gateway: '10.2.0.255' }),
      status: 500,
      message: 'failed to allocate gateway (10.2.0.255): Address already in use',
    },
    {
      title: 'nothing where a subnet should be, in any case of letters',
      ask: create({ name: 'taken', ipam: { config: [null] } }),
      status: 409,
      message: 'network with name taken already exists',
    },
    {
      title: 'a subnet for no manager of addresses',
      ask: create({ Name: 'x', IPAM: { Driver: 'null', Config: [{ Subnet: '10.2.0.0/24' }] } }),
      status: 400,
      message: 'null ipam driver does not handle specific address pool requests',
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
      message: 'cannot create a swarm scoped network when swarm is not active',
    },
    {
      title: 'an ingress network without a swarm',
      ask: create({ Name: 'x', Ingress: true }),
      status: 403,
      message: 'Ingress network can only be global scope network',
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
