import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { type TestContext, test } from 'node:test'
import { KernelFeatures } from '../../src/kernel/host/features.ts'
import { type Engine, withEngine } from '../support/engine-test.ts'
import { createLan, type Lan } from '../support/hosts.ts'
import { inTime } from '../support/in-time.ts'
import { ping } from '../support/network-traffic.ts'
import { rawHttp } from '../support/raw-http.ts'

const features = new KernelFeatures()
const subnet = ['--subnet', '192.0.2.0/24', '--ip-range', '192.0.2.64/26']

/** A test with an engine on the first of two hosts of a LAN. */
function lanTest(name: string, body: (engine: Engine, lan: Lan, t: TestContext) => Promise<void>): void {
  const skip = getuid?.() === 0 ? false : 'needs root'
  test(name, { skip, timeout: 120_000 }, async (t) => {
    using lan = createLan(2)
    await withEngine(lan.hosts[0]!, {}, (engine) => inTime(body(engine, lan, t), 90_000))
  })
}

const vlanRefused = /^Cannot provide 802\.1Q trunks below macvlan and ipvlan networks: .*"modprobe 8021q"/
const ipvlanRefused = /^Cannot provide ipvlan networks: .*"modprobe ipvlan"/

lanTest(
  'macvlan and ipvlan: every wrong option has Docker’s words and code, and leaves nothing',
  async (engine, lan, t) => {
    const ask = rawHttp(engine.daemon.socket)
    const links = async () => (await engine.host.ip('link')).map(({ ifname }: { ifname: string }) => ifname).sort()
    const before = await links()
    const rows: [driver: string, options: Record<string, string>, status: number, message: string | RegExp][] = [
      [
        'macvlan',
        { macvlan_mode: 'x' },
        500,
        "requested macvlan mode 'x' is not valid, 'bridge' mode is the macvlan driver default",
      ],
      ['macvlan', { parent: 'lo' }, 500, 'loopback interface is not a valid macvlan parent link'],
      ['macvlan', { parent: 'eth9' }, 500, 'invalid subinterface vlan name eth9, example formatting is eth0.10'],
      [
        'macvlan',
        { parent: 'eth0.1.2' },
        500,
        'required interface name format is: name.vlan_id, ex. eth0.10 for vlan 10, instead received eth0.1.2',
      ],
      ['macvlan', { parent: 'eth0.x' }, 500, 'unable to parse a valid vlan id from: x (ex. eth0.10 for vlan 10)'],
      ['macvlan', { parent: 'eth9.10' }, 500, '-o parent interface was not found on the host: eth9'],
      ['macvlan', { parent: 'eth0.0' }, 500, 'vlan id must be between 1-4094, received: 0'],
      ['macvlan', { parent: 'eth0.4095' }, 500, 'vlan id must be between 1-4094, received: 4095'],
      ['macvlan', { host_access: 'x' }, 400, /^failed to parse host_access value: x/],
      [
        'macvlan',
        { host_access: 'true', macvlan_mode: 'vepa' },
        400,
        /^Cannot give the host access to the network: it needs mode "bridge"/,
      ],
      [
        'ipvlan',
        { ipvlan_mode: 'l4' },
        500,
        "requested ipvlan mode 'l4' is not valid, 'l2' mode is the ipvlan driver default",
      ],
      [
        'ipvlan',
        { ipvlan_flag: 'x' },
        500,
        "requested ipvlan flag 'x' is not valid, 'bridge' is the ipvlan driver default",
      ],
      ['ipvlan', { parent: 'lo' }, 500, 'loopback interface is not a valid ipvlan parent link'],
      ...(features.find('vlan').supported
        ? []
        : [['macvlan', { parent: 'eth0.10' }, 501, vlanRefused] as (typeof rows)[number]]),
      ...(features.find('ipvlan').supported
        ? []
        : [['ipvlan', { parent: 'eth0' }, 501, ipvlanRefused] as (typeof rows)[number]]),
    ]
    for (const [Driver, Options, status, message] of rows)
      await t.test(`${Driver} ${JSON.stringify(Options)}`, async () => {
        const answer = await ask('POST', '/networks/create', { Name: 'x', Driver, Options })
        assert.equal(answer.status, status)
        if (typeof message === 'string') assert.equal(answer.json.message, message)
        else assert.match(answer.json.message, message)
      })
    const nowhere = { Name: 'x', Driver: 'macvlan', IPAM: { Driver: 'null' } }
    assert.partialDeepStrictEqual(await ask('POST', '/networks/create', nowhere), {
      status: 400,
      json: { message: 'ipv4 pool is empty' },
    })
    assert.equal((await engine.docker.ok('network', 'ls', '-q')).split('\n').length, 3)
    assert.deepEqual(await links(), before)
    assert.equal(lan.addresses.length, 2)
  },
)

lanTest('macvlan: passthru is alone on its parent, whichever comes first', async ({ docker, daemon }) => {
  const ask = rawHttp(daemon.socket)
  const create = (Name: string, macvlan_mode: string) =>
    ask('POST', '/networks/create', { Name, Driver: 'macvlan', Options: { parent: 'eth0', macvlan_mode } })
  const first = (await create('first', 'bridge')).json.Id
  const refused = await create('second', 'passthru')
  const words = `cannot use mode passthru, macvlan network ${first} is already using parent interface eth0`
  assert.deepEqual([refused.status, refused.json.message], [500, words])
  assert.equal((await create('beside', 'private')).status, 201)
  await docker.ok('network', 'rm', 'first', 'beside')
  const alone = (await create('alone', 'passthru')).json.Id
  const after = await create('other', 'bridge')
  const again = `macvlan network ${alone} is already using parent interface eth0 in mode passthru`
  assert.deepEqual([after.status, after.json.message], [500, again])
})

lanTest(
  'macvlan with the docker CLI: run, names, inspect, -p with a warning, and a daemon that is killed',
  async (engine, lan) => {
    const { docker, daemon, host, sh } = engine
    await docker.ok(
      'network',
      'create',
      '-d',
      'macvlan',
      '-o',
      'parent=eth0',
      '-o',
      'host_access=true',
      ...subnet,
      'lan',
    )
    const run = await docker.run([
      'run',
      '-di',
      '--name',
      'web',
      '--network',
      'lan',
      '--ip',
      '192.0.2.70',
      '-p',
      '8080:80',
      'busybox',
    ])
    assert.equal(run.code, 0, run.stderr)
    assert.match(run.stderr, /Published ports are discarded: the macvlan driver does not support port mappings/)
    await docker.ok(
      'run',
      '-di',
      '--name',
      'other',
      '--network',
      'lan',
      '--mac-address',
      '02:00:00:00:00:77',
      'busybox',
    )
    assert.equal((await sh('web', 'ping -c 1 -W 2 other')).code, 0)
    assert.match((await sh('other', 'cat /sys/class/net/eth0/address')).stdout, /02:00:00:00:00:77/)
    const shown = '{{with .NetworkSettings.Networks.lan}}{{.IPAddress}} {{.MacAddress}} "{{.Gateway}}"{{end}}'
    assert.equal(await docker.ok('inspect', '-f', shown, 'web'), '192.0.2.70 02:42:c0:00:02:46 ""')
    const said = await docker.ok('network', 'inspect', '-f', '{{.Driver}} {{.Scope}} {{.Options.parent}}', 'lan')
    assert.equal(said, 'macvlan local eth0')
    const reach = async () => [
      await ping(host.namespace.path, '192.0.2.70'),
      await ping(lan.hosts[1]!.namespace.path, '192.0.2.70'),
      (await sh('web', 'ping -c 1 -W 2 other')).code === 0,
    ]
    assert.deepEqual(await reach(), [true, true, true])
    await daemon.kill9()
    assert.equal(await ping(host.namespace.path, '192.0.2.70'), true, 'it needs no daemon')
    await daemon.start()
    assert.deepEqual(await reach(), [true, true, true])
    await docker.ok('restart', '-t', '0', 'web')
    assert.deepEqual(await reach(), [true, true, true])
    await docker.ok('rm', '-f', 'web', 'other')
    await docker.ok('network', 'rm', 'lan')
  },
)
