import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'

const id = /^[0-9a-f]{64}$/

engineTest(
  'container inspect: where it is, as ip sees it, and the old fields for clients before API 1.52',
  async (engine) => {
    const { docker, daemon, host } = engine
    await docker.ok('network', 'create', '--subnet', '10.1.0.0/24', '--subnet', 'fd00:1::/64', '--ipv6', 'net')
    const place = 'name=net,alias=web,ip=10.1.0.9,ip6=fd00:1::9,gw-priority=3,driver-opt=a=b'
    const words = ['--network', place, '--expose', '81', '-p', '127.0.0.1:8080:80', '-h', 'box']
    const full = await docker.ok('run', '-di', '--name', 'web', ...words, 'busybox')
    await docker.ok('network', 'connect', 'bridge', 'web')
    const [{ NetworkSettings: settings, HostConfig }] = JSON.parse(await docker.ok('inspect', 'web'))
    assert.equal(HostConfig.NetworkMode, 'net')
    assert.match(settings.SandboxID, id)
    assert.equal(settings.SandboxKey.split('/').at(-1), settings.SandboxID.slice(0, 12))
    assert.deepEqual(settings.Ports, { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8080' }], '81/tcp': null })
    assert.deepEqual(Object.keys(settings.Networks).sort(), ['bridge', 'net'])
    const { NetworkID, EndpointID, MacAddress, ...rest } = settings.Networks.net
    assert.match(EndpointID, id)
    assert.equal(NetworkID, await docker.ok('network', 'inspect', '-f', '{{.Id}}', 'net'))
    assert.deepEqual(rest, {
      IPAMConfig: { IPv4Address: '10.1.0.9', IPv6Address: 'fd00:1::9' },
      Links: null,
      Aliases: ['web'],
      DriverOpts: { a: 'b' },
      GwPriority: 3,
      Gateway: '10.1.0.1',
      IPAddress: '10.1.0.9',
      IPPrefixLen: 24,
      IPv6Gateway: 'fd00:1::1',
      GlobalIPv6Address: 'fd00:1::9',
      GlobalIPv6PrefixLen: 64,
      DNSNames: ['web', full.slice(0, 12), 'box'],
    })
    const witness = await host.execOk('nsenter', [`--net=${settings.SandboxKey}`, 'ip', '-j', 'addr', 'show'])
    const links = JSON.parse(witness).filter(({ ifname }: { ifname: string }) => ifname !== 'lo')
    const bridge = settings.Networks.bridge
    assert.deepEqual(
      links.map(({ address, addr_info }: any) => [address, addr_info[0].local, addr_info[0].prefixlen]),
      [
        [MacAddress, '10.1.0.9', 24],
        [bridge.MacAddress, bridge.IPAddress, bridge.IPPrefixLen],
      ],
    )
    assert.partialDeepStrictEqual(settings, {
      Bridge: '',
      HairpinMode: false,
      LinkLocalIPv6Address: '',
      LinkLocalIPv6PrefixLen: 0,
      SecondaryIPAddresses: null,
      SecondaryIPv6Addresses: null,
      EndpointID: bridge.EndpointID,
      Gateway: bridge.Gateway,
      GlobalIPv6Address: '',
      GlobalIPv6PrefixLen: 0,
      IPAddress: bridge.IPAddress,
      IPPrefixLen: bridge.IPPrefixLen,
      IPv6Gateway: '',
      MacAddress: bridge.MacAddress,
    })
    const http = rawHttp(daemon.socket)
    const aliases = async (version: string) => {
      const { json } = await http('GET', `/v${version}/containers/web/json`)
      return json.NetworkSettings.Networks.net.Aliases
    }
    assert.deepEqual(await aliases('1.45'), ['web'])
    assert.deepEqual(await aliases('1.44'), ['web', full.slice(0, 12), 'box'])
    await docker.ok('stop', '-t', '0', 'web')
    const [{ NetworkSettings: stopped }] = JSON.parse(await docker.ok('inspect', 'web'))
    assert.deepEqual([stopped.SandboxID, stopped.SandboxKey, stopped.Ports], ['', '', {}])
    assert.partialDeepStrictEqual(stopped.Networks.net, {
      IPAMConfig: { IPv4Address: '10.1.0.9', IPv6Address: 'fd00:1::9' },
      Aliases: ['web'],
      GwPriority: 3,
      IPAddress: '',
      Gateway: '',
      EndpointID: '',
      MacAddress: '',
    })
  },
)

engineTest(
  'network inspect: every field, with the containers that run, and the options of the default bridge',
  async (engine) => {
    const { docker } = engine
    const words = [
      '--subnet',
      '10.1.0.0/16',
      '--ip-range',
      '10.1.8.0/24',
      '--gateway',
      '10.1.0.254',
      '--aux-address',
      'nas=10.1.8.7',
    ]
    const more = ['--label', 'a=b', '-o', 'com.docker.network.bridge.name=own0', '-o', 'foo=bar', '--attachable']
    const netId = await docker.ok('network', 'create', ...words, ...more, 'net')
    const ctr = await docker.ok('run', '-di', '--name', 'web', '--network', 'net', 'busybox')
    await docker.ok('create', '--name', 'idle', '--network', 'net', 'busybox')
    const [{ Created, Containers, ...rest }] = JSON.parse(await docker.ok('network', 'inspect', 'net'))
    assert.ok(Math.abs(Date.now() - Date.parse(Created)) < 60_000)
    assert.deepEqual(rest, {
      Name: 'net',
      Id: netId,
      Scope: 'local',
      Driver: 'bridge',
      EnableIPv4: true,
      EnableIPv6: false,
      IPAM: {
        Driver: 'default',
        Options: null,
        Config: [
          {
            Subnet: '10.1.0.0/16',
            IPRange: '10.1.8.0/24',
            Gateway: '10.1.0.254',
            AuxiliaryAddresses: { nas: '10.1.8.7' },
          },
        ],
      },
      Internal: false,
      Attachable: true,
      Ingress: false,
      ConfigFrom: { Network: '' },
      ConfigOnly: false,
      Options: { 'com.docker.network.bridge.name': 'own0', foo: 'bar' },
      Labels: { a: 'b' },
    })
    const [{ NetworkSettings }] = JSON.parse(await docker.ok('inspect', 'web'))
    const { EndpointID, MacAddress, IPAddress } = NetworkSettings.Networks.net
    assert.deepEqual(Containers, {
      [ctr]: { Name: 'web', EndpointID, MacAddress, IPv4Address: `${IPAddress}/16`, IPv6Address: '' },
    })
    const options = JSON.parse(await docker.ok('network', 'inspect', '-f', '{{json .Options}}', 'bridge'))
    const { 'com.docker.network.driver.mtu': mtu, ...fixed } = options
    assert.deepEqual(fixed, {
      'com.docker.network.bridge.default_bridge': 'true',
      'com.docker.network.bridge.enable_icc': 'true',
      'com.docker.network.bridge.enable_ip_masquerade': 'true',
      'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
      'com.docker.network.bridge.name': 'docker0',
    })
    assert.match(mtu ?? '1500', /^\d+$/)
    const template = (text: string, name: string) => docker.ok('network', 'inspect', '-f', text, name)
    assert.equal(await template('{{.Driver}} {{.Scope}} {{len .IPAM.Config}}', 'none'), 'null local 0')
    assert.equal(await template('{{.Driver}} {{.Scope}} {{len .IPAM.Config}}', 'host'), 'host local 0')
  },
)
