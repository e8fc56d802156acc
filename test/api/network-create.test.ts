import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'
import { fetchFrom, serve } from '../support/web.ts'

engineTest(
  'network create, flag by flag',
  async (engine, t) => {
    const { docker, daemon, host, sh } = engine
    const ask = rawHttp(daemon.socket)
    const inspect = async (name: string) => JSON.parse(await docker.ok('network', 'inspect', name))[0]
    const addresses = async (network: string, count: number, ...flags: string[]) => {
      const found: string[] = []
      for (let i = 0; i < count; i++) {
        const name = `${network}${flags.length}${i}`
        await docker.ok('run', '-di', '--name', name, '--network', network, ...flags, 'busybox')
        found.push(await docker.ok('inspect', '-f', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', name))
      }
      return found
    }
    const bridgeOf = async (id: string) => (await host.ip('addr', 'show', `br-${id.slice(0, 12)}`))[0]

    await t.test('--subnet, --gateway, --ip-range and --aux-address say where addresses come from', async () => {
      const subnet = ['--subnet', '10.70.0.0/24', '--gateway', '10.70.0.254', '--ip-range', '10.70.0.64/28']
      const aux = ['--aux-address', 'printer=10.70.0.64', '--aux-address', 'nas=10.70.0.66']
      const id = await docker.ok('network', 'create', ...subnet, ...aux, 'ranged')
      assert.deepEqual((await inspect('ranged')).IPAM.Config, [
        {
          ...{ Subnet: '10.70.0.0/24', IPRange: '10.70.0.64/28', Gateway: '10.70.0.254' },
          AuxiliaryAddresses: { printer: '10.70.0.64', nas: '10.70.0.66' },
        },
      ])
      assert.equal((await bridgeOf(id)).addr_info[0].local, '10.70.0.254')
      assert.deepEqual(await addresses('ranged', 3), ['10.70.0.65', '10.70.0.67', '10.70.0.68'])
      assert.deepEqual(
        await addresses('ranged', 1, '--ip', '10.70.0.200'),
        ['10.70.0.200'],
        'outside the range, by hand',
      )
      const { code, stderr } = await docker.run(['run', '--rm', '--network', 'ranged', '--ip', '10.70.0.66', 'busybox'])
      assert.equal(code, 125)
      assert.match(stderr, /Address already in use/, 'auxiliary addresses are taken')
      assert.match((await sh('ranged00', 'ip route show default')).stdout, /via 10\.70\.0\.254 /)
    })

    await t.test('--aux-address DefaultGatewayIPv4 and IPv6 are the containers’ way out', async () => {
      const v4 = ['--subnet', '10.71.0.0/24', '--aux-address', 'DefaultGatewayIPv4=10.71.0.9']
      const v6 = ['--ipv6', '--subnet', 'fd71::/64', '--aux-address', 'DefaultGatewayIPv6=fd71::9']
      await docker.ok('network', 'create', ...v4, ...v6, 'detour')
      await docker.ok('run', '-di', '--name', 'traveller', '--network', 'detour', 'busybox')
      assert.match((await sh('traveller', 'ip route show default')).stdout, /via 10\.71\.0\.9 /)
      assert.match((await sh('traveller', 'ip -6 route show default')).stdout, /via fd71::9 /)
    })

    await t.test('--subnet 0.0.0.0/N and ::/N pick one of that size from the pools', async () => {
      await docker.ok('network', 'create', '--subnet', '0.0.0.0/26', 'sized')
      assert.match((await inspect('sized')).IPAM.Config[0].Subnet, /^1(72|92)\.[0-9.]+\/26$/)
      await docker.ok('network', 'create', '--ipv6', '--subnet', '::/72', 'sized6')
      const subnets = (await inspect('sized6')).IPAM.Config.map(({ Subnet }: { Subnet: string }) => Subnet)
      assert.match(
        subnets.find((subnet: string) => subnet.includes(':')),
        /^fd[0-9a-f:]+\/72$/,
      )
    })

    await t.test('--ipv6 without a subnet takes a unique local one', async () => {
      const id = await docker.ok('network', 'create', '--ipv6', 'six')
      const [, { Subnet }] = (await inspect('six')).IPAM.Config
      assert.match(Subnet, /^fd[0-9a-f]{2}:[0-9a-f:]+::\/64$/)
      const global = (await bridgeOf(id)).addr_info.filter(
        ({ scope, family }: any) => scope === 'global' && family === 'inet6',
      )
      assert.deepEqual(
        global.map(({ local }: any) => local),
        [Subnet.replace('/64', '1')],
      )
      await docker.ok('run', '-di', '--name', 'six1', '--network', 'six', 'busybox')
      assert.equal((await host.exec('ping', ['-6', '-c', '1', '-W', '2', Subnet.replace('/64', '2')])).code, 0)
    })

    await t.test('--ipv4=false makes a network of IPv6 alone', async () => {
      const id = await docker.ok('network', 'create', '--ipv4=false', '--ipv6', '--subnet', 'fd72::/64', 'only6')
      assert.deepEqual((await inspect('only6')).IPAM.Config, [{ Subnet: 'fd72::/64', Gateway: 'fd72::1' }])
      assert.deepEqual(
        (await bridgeOf(id)).addr_info.filter(({ family }: any) => family === 'inet'),
        [],
      )
      await docker.ok('run', '-di', '--name', 'only', '--network', 'only6', 'busybox')
      assert.equal((await sh('only', 'ip -4 addr show eth0')).stdout, '')
      assert.match((await sh('only', 'ip -6 addr show eth0')).stdout, /inet6 fd72::2\/64 scope global/)
      assert.equal((await host.exec('ping', ['-6', '-c', '1', '-W', '2', 'fd72::2'])).code, 0)
      const { stderr } = await docker.run(['network', 'create', '--ipv4=false', 'none4'])
      assert.match(stderr, /IPv4 or IPv6 must be enabled/)
    })

    await t.test('enable_ipv4 and enable_ipv6 are the same as options, and give way to the flags', async () => {
      const [v4, v6] = ['com.docker.network.enable_ipv4', 'com.docker.network.enable_ipv6']
      await docker.ok('network', 'create', '-o', `${v4}=false`, '-o', `${v6}=true`, 'opted')
      await docker.ok('network', 'create', '--ipv6=false', '-o', `${v6}=true`, 'flagged')
      const families = async (name: string) => {
        const { EnableIPv4, EnableIPv6, IPAM, Options } = await inspect(name)
        return { EnableIPv4, EnableIPv6, subnets: IPAM.Config.length, Options }
      }
      assert.deepEqual(await families('opted'), {
        ...{ EnableIPv4: false, EnableIPv6: true, subnets: 1 },
        Options: { [v4]: 'false', [v6]: 'true' },
      })
      assert.deepEqual(await families('flagged'), { EnableIPv4: true, EnableIPv6: false, subnets: 1, Options: {} })
      const bad = await ask('POST', '/networks/create', { Name: 'bad', Options: { [v6]: 'maybe' } })
      assert.deepEqual([bad.status, bad.json.message], [400, `driver-opt "${v6}" is not a valid bool`])
    })

    await t.test('--internal: no way out or in, no published port, but the host and the neighbours', async () => {
      await docker.ok('network', 'create', '--internal', '--subnet', '10.73.0.0/24', 'inner')
      await docker.ok('run', '-di', '--name', 'in1', '--network', 'inner', '-p', '8073:80', 'busybox')
      await docker.ok('run', '-di', '--name', 'in2', '--network', 'inner', 'busybox')
      await serve(engine, 'in1', 'inside')
      assert.doesNotMatch((await sh('in2', 'ip route')).stdout, /default/)
      assert.equal((await sh('in2', 'wget -q -O - http://in1/')).stdout, 'inside\n')
      assert.equal(await fetchFrom(host, 'http://10.73.0.2/'), 'inside', 'the host')
      assert.equal(await fetchFrom(host, 'http://127.0.0.1:8073/'), 'curl: 7', '-p means nothing')
      await docker.ok('run', '-di', '--name', 'out', 'busybox')
      assert.notEqual((await sh('out', 'timeout 2 wget -q -O - http://10.73.0.2/')).code, 0)
      assert.equal(await docker.ok('port', 'in1'), '')
    })

    await t.test('--label, --attachable and --opt are kept, unknown options too', async () => {
      await docker.ok(
        'network',
        'create',
        '--label',
        'a=b',
        '--label',
        'c',
        '--attachable',
        '-o',
        'some.thing=1',
        'labelled',
      )
      const { Labels, Attachable, Options, Ingress, Scope } = await inspect('labelled')
      assert.deepEqual(
        { Labels, Attachable, Options, Ingress, Scope },
        { Labels: { a: 'b', c: '' }, Attachable: true, Options: { 'some.thing': '1' }, Ingress: false, Scope: 'local' },
      )
    })

    await t.test('--ipam-opt serial gives the lowest free address; otherwise a freed one rests', async () => {
      const serial = 'com.docker.network.ipam.serial=true'
      await docker.ok('network', 'create', '--subnet', '10.74.0.0/24', '--ipam-opt', serial, 'serial')
      await docker.ok('network', 'create', '--subnet', '10.75.0.0/24', 'next')
      for (const [network, second] of [
        ['serial', '.2'],
        ['next', '.3'],
      ] as const) {
        const [first] = await addresses(network, 1)
        await docker.ok('rm', '-f', `${network}00`)
        const [then] = await addresses(network, 1)
        assert.deepEqual([first!.slice(-2), then!.slice(-2)], ['.2', second], network)
      }
    })

    await t.test(
      '--ipam-driver null leaves containers without addresses, default is the usual one, others are asked for',
      async () => {
        await docker.ok('network', 'create', '--ipam-driver', 'null', 'unaddressed')
        assert.partialDeepStrictEqual((await inspect('unaddressed')).IPAM, { Driver: 'null', Config: [] })
        await docker.ok('run', '-di', '--name', 'bareface', '--network', 'unaddressed', 'busybox')
        assert.doesNotMatch((await sh('bareface', 'ip addr show eth0')).stdout, /inet /)
        await docker.ok('network', 'create', '--ipam-driver', 'default', 'usual')
        assert.equal((await inspect('usual')).IPAM.Driver, 'default')
        const { stderr } = await docker.run(['network', 'create', '--ipam-driver', 'nobody', 'x'])
        assert.match(stderr, /plugin "nobody" not found/)
      },
    )

    await t.test('a subnet of two addresses has one for the gateway and one for a container', async () => {
      const id = await docker.ok('network', 'create', '--subnet', '10.76.0.0/31', '--gateway', '10.76.0.0', 'pair')
      assert.equal((await bridgeOf(id)).addr_info[0].local, '10.76.0.0')
      assert.deepEqual(await addresses('pair', 1), ['10.76.0.1'])
      assert.equal((await host.exec('ping', ['-c', '1', '-W', '2', '10.76.0.1'])).code, 0)
    })

    await t.test('CheckDuplicate means nothing any more', async () => {
      const again = async (CheckDuplicate: boolean) =>
        (await ask('POST', '/v1.43/networks/create', { Name: 'pair', CheckDuplicate })).status
      assert.deepEqual([await again(true), await again(false)], [409, 409])
    })

    await t.test('templates: what they may not have, and what a network from one may not say', async () => {
      await docker.ok('network', 'create', '--config-only', '--subnet', '10.78.0.0/24', 'template')
      const refused = async (...words: string[]) =>
        (await docker.run(['network', 'create', ...words, 'x'])).stderr.trim()
      const daemonSays = 'Error response from daemon: '
      assert.equal(
        await refused('--config-only', '--internal'),
        `${daemonSays}configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.`,
      )
      assert.equal(
        await refused('--config-only', '--config-from', 'template'),
        `${daemonSays}a configuration network cannot depend on another configuration network`,
      )
      assert.match(
        await refused('--config-from', 'template', '--label', 'a=b'),
        /^.*user-specified configurations are not supported/,
      )
      assert.match(
        await refused('--config-from', 'template', '-o', 'a=b'),
        /^.*network driver options are not supported/,
      )
      assert.match(await refused('--config-from', 'pair'), /configuration network "pair" does not exist/)
      assert.match(
        (await docker.run(['run', '--rm', '--network', 'template', 'busybox'])).stderr,
        /configuration-only network/,
      )
    })
  },
  { timeoutMs: 120_000 },
)
