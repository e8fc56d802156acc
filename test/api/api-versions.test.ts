import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'

engineTest('what depends on the version of the API', async ({ docker, daemon, sh }, t) => {
  const ask = rawHttp(daemon.socket)
  await docker.ok('network', 'create', '--subnet', '10.77.0.0/24', 'net')
  await docker.ok('network', 'create', 'other')
  const id = await docker.ok(
    'run',
    '-di',
    '--name',
    'box',
    '--network',
    'net',
    '--network-alias',
    'nick',
    '-h',
    'hal',
    'busybox',
  )
  const create = async (version: string, name: string, body: object) =>
    await ask('POST', `/v${version}/containers/create?name=${name}`, { Image: 'busybox', OpenStdin: true, ...body })
  const onNet = (endpoint: object, network = 'net') => ({
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: endpoint } },
  })
  const start = async (name: string) => assert.equal((await ask('POST', `/containers/${name}/start`)).status, 204)

  await t.test('versions from 1.24 to 1.51 are spoken, others refused with Docker’s words', async () => {
    for (const version of ['1.24', '1.30', '1.40', '1.43', '1.44', '1.51']) {
      const { status, json } = await ask('GET', `/v${version}/networks/net`)
      assert.deepEqual([status, json.Name], [200, 'net'], version)
    }
    const old = await ask('GET', '/v1.23/networks')
    assert.equal(old.status, 400)
    assert.match(old.json.message, /client version 1\.23 is too old\. Minimum supported API version is 1\.24/)
    const young = await ask('GET', '/v1.52/networks')
    assert.equal(young.status, 400)
    assert.match(young.json.message, /client version 1\.52 is too new\. Maximum supported API version is 1\.51/)
  })

  await t.test('before 1.28 the list of networks has their containers', async () => {
    const members = async (version: string) => {
      const { json } = await ask('GET', `/v${version}/networks`)
      return Object.keys(json.find(({ Name }: { Name: string }) => Name === 'net').Containers)
    }
    assert.deepEqual([await members('1.27'), await members('1.28')], [[id], []])
  })

  await t.test('before 1.44 a container is created on one network', async () => {
    const body = {
      HostConfig: { NetworkMode: 'net' },
      NetworkingConfig: { EndpointsConfig: { net: {}, other: {} } },
    }
    const refused = await create('1.43', 'several', body)
    assert.equal(refused.status, 400)
    assert.match(
      refused.json.message,
      /^Container cannot be created with multiple network endpoints: (net, other|other, net)$/,
    )
    assert.equal((await create('1.44', 'several', body)).status, 201)
    await start('several')
    assert.deepEqual((await sh('several', 'ls /sys/class/net')).stdout, 'eth0\neth1\nlo\n')
  })

  await t.test('the hardware address is the container’s before 1.44, and the endpoint’s from then on', async () => {
    const mac = '02:00:00:00:00:77'
    const macOf = async (name: string) => (await sh(name, 'cat /sys/class/net/eth0/address')).stdout.trim()
    assert.equal((await create('1.43', 'mac1', { ...onNet({}), MacAddress: mac })).status, 201)
    await start('mac1')
    assert.equal(await macOf('mac1'), mac)
    const shown = await ask('GET', '/v1.43/containers/mac1/json')
    assert.equal(shown.json.Config.MacAddress, mac)

    const ignored = await create('1.43', 'mac2', onNet({ MacAddress: mac }))
    assert.equal(ignored.status, 201)
    await start('mac2')
    assert.notEqual(await macOf('mac2'), mac, 'before 1.44 that field did not exist')
    await docker.ok('rm', '-f', 'mac1', 'mac2')

    assert.equal((await create('1.44', 'mac3', onNet({ MacAddress: mac }))).status, 201)
    await start('mac3')
    assert.equal(await macOf('mac3'), mac)
    const both = await create('1.44', 'mac4', { ...onNet({}), MacAddress: '02:00:00:00:00:78' })
    assert.deepEqual(both.json.Warnings, [
      'The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead.',
    ])
    await start('mac4')
    assert.equal(await macOf('mac4'), '02:00:00:00:00:78')
    const clash = await create('1.44', 'mac5', { ...onNet({ MacAddress: mac }), MacAddress: '02:00:00:00:00:79' })
    assert.deepEqual(
      [clash.status, clash.json.message],
      [
        400,
        'the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty',
      ],
    )
    const lost = await create('1.44', 'mac6', {
      HostConfig: { NetworkMode: 'net' },
      NetworkingConfig: { EndpointsConfig: { other: {} } },
      MacAddress: mac,
    })
    assert.equal(lost.status, 400)
    assert.match(
      lost.json.message,
      /HostConfig\.NetworkMode must match the identity of a network in NetworkSettings\.Networks$/,
    )
    const hosted = await create('1.43', 'mac7', { HostConfig: { NetworkMode: 'host' }, MacAddress: mac })
    assert.deepEqual(
      [hosted.status, hosted.json.message],
      [400, 'conflicting options: mac-address and the network mode'],
    )
  })

  await t.test('network connect takes no hardware address: that came with 1.54', async () => {
    const mac = '02:00:00:00:00:99'
    const EndpointConfig = { MacAddress: mac }
    assert.equal((await ask('POST', '/networks/other/connect', { Container: 'box', EndpointConfig })).status, 200)
    assert.notEqual((await sh('box', 'cat /sys/class/net/eth1/address')).stdout.trim(), mac)
    await docker.ok('network', 'disconnect', 'other', 'box')
  })

  await t.test('DNSNames are told, and before 1.45 the short id and the host name are aliases', async () => {
    const endpoint = async (version: string) => {
      const { json } = await ask('GET', `/v${version}/containers/box/json`)
      return json.NetworkSettings.Networks.net
    }
    const short = id.slice(0, 12)
    assert.deepEqual((await endpoint('1.44')).Aliases, ['nick', short, 'hal'])
    assert.deepEqual((await endpoint('1.45')).Aliases, ['nick'])
    assert.deepEqual((await endpoint('1.45')).DNSNames, ['box', 'nick', short, 'hal'])
  })

  await t.test('sysctls of eth0 move to the endpoint up to 1.47, and are refused from 1.48', async () => {
    const body = { HostConfig: { NetworkMode: 'net', Sysctls: { 'net.ipv4.conf.eth0.log_martians': '1' } } }
    const moved = await create('1.47', 'sys1', body)
    assert.deepEqual(
      [moved.status, moved.json.Warnings],
      [
        201,
        [
          'Migrated sysctl "net.ipv4.conf.eth0.log_martians" to DriverOpts{"com.docker.network.endpoint.sysctls":"net.ipv4.conf.IFNAME.log_martians=1"}.',
        ],
      ],
    )
    await start('sys1')
    assert.equal((await sh('sys1', 'cat /proc/sys/net/ipv4/conf/eth0/log_martians')).stdout, '1\n')
    const refused = await create('1.48', 'sys2', body)
    assert.deepEqual(
      [refused.status, refused.json.message],
      [
        500,
        `interface specific sysctl setting "net.ipv4.conf.eth0.log_martians" must be supplied using driver option 'com.docker.network.endpoint.sysctls'`,
      ],
    )
    const other = await create('1.47', 'sys3', {
      HostConfig: { NetworkMode: 'net', Sysctls: { 'net.ipv4.conf.eth1.log_martians': '1' } },
    })
    assert.deepEqual(
      [other.status, other.json.message],
      [
        500,
        "unable to determine network endpoint for sysctl net.ipv4.conf.eth1.log_martians, use driver option 'com.docker.network.endpoint.sysctls' to set per-interface sysctls",
      ],
    )
  })

  await t.test('from 1.48 IPv4 can be off, and a network has a priority as way out', async () => {
    const network = (name: string) => ({ Name: name, EnableIPv4: false, EnableIPv6: true })
    assert.equal((await ask('POST', '/v1.47/networks/create', network('was4'))).status, 201)
    assert.equal((await ask('POST', '/v1.48/networks/create', network('only6'))).status, 201)
    const families = async (name: string) => {
      const { json } = await ask('GET', `/networks/${name}`)
      return [json.EnableIPv4, json.EnableIPv6, json.IPAM.Config.length]
    }
    assert.deepEqual(
      [await families('was4'), await families('only6')],
      [
        [true, true, 2],
        [false, true, 1],
      ],
    )
    const body = {
      HostConfig: { NetworkMode: 'net' },
      NetworkingConfig: { EndpointsConfig: { net: {}, other: { GwPriority: 9 } } },
    }
    for (const [version, way] of [
      ['1.47', '10.77.0.1'],
      ['1.48', '172.18.0.1'],
    ] as const) {
      assert.equal((await create(version, `way${version}`, body)).status, 201)
      await start(`way${version}`)
      assert.match((await sh(`way${version}`, 'ip route show default')).stdout, new RegExp(`via ${way} `), version)
    }
  })

  await t.test('info names the firewall from 1.49, and BridgeNf fields up to it', async () => {
    const info = async (version: string) => (await ask('GET', `/v${version}/info`)).json
    const [older, newer] = [await info('1.48'), await info('1.50')]
    assert.deepEqual(['FirewallBackend' in older, 'FirewallBackend' in newer], [false, true])
    assert.equal(newer.FirewallBackend.Driver, 'nftables')
    assert.deepEqual(['BridgeNfIptables' in older, 'BridgeNfIptables' in newer], [true, false])
    assert.equal('BridgeNfIp6tables' in (await info('1.49')), true)
  })

  await t.test(
    'what 1.52 takes away is there: addresses of the default network at the top, empty bindings',
    async () => {
      await ask('POST', '/containers/create?name=plain', {
        Image: 'busybox',
        OpenStdin: true,
        ExposedPorts: { '80/tcp': {} },
        HostConfig: { PortBindings: { '80/tcp': [] } },
      })
      await start('plain')
      const { json } = await ask('GET', '/v1.51/containers/plain/json')
      const { bridge } = json.NetworkSettings.Networks
      for (const field of ['EndpointID', 'Gateway', 'IPAddress', 'IPPrefixLen', 'MacAddress']) {
        assert.ok(bridge[field], field)
        assert.equal(json.NetworkSettings[field], bridge[field], field)
      }
      assert.match(json.NetworkSettings.Ports['80/tcp'][0].HostPort, /^\d+$/)
      assert.equal('Status' in (await ask('GET', '/v1.51/networks/net')).json, false)
    },
  )
})
