import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { fetchFrom, serve } from '../support/web.ts'

engineTest(
  'default-gateway-v6, fixed-cidr without bip and host-gateway-ips of both families',
  async ({ docker, host, sh }) => {
    const [network] = JSON.parse(await docker.ok('network', 'inspect', 'bridge'))
    assert.deepEqual(
      network.IPAM.Config.map(({ Subnet, IPRange }: { Subnet: string; IPRange: string }) => [Subnet, IPRange]),
      [
        ['10.88.4.0/24', '10.88.4.0/24'],
        ['fd00:88::/64', 'fd00:88::/80'],
      ],
    )
    await docker.ok('run', '-di', '--name', 'box', '--add-host', 'machine:host-gateway', 'busybox')
    assert.match((await sh('box', 'ip -6 route')).stdout, /default via fd00:88::99 /)
    assert.match((await sh('box', 'ip -6 addr show eth0')).stdout, /inet6 fd00:88:[0-9a-f:]+\/64 scope global/)
    const { stdout } = await sh('box', 'cat /etc/hosts')
    assert.match(stdout, /^192\.0\.2\.7\tmachine$/m)
    assert.match(stdout, /^fd00:77::7\tmachine$/m)
    const [bridge] = await host.ip('addr', 'show', 'docker0')
    assert.ok(bridge.addr_info.some(({ local }: { local: string }) => local === 'fd00:88::1'))
  },
  {
    config: { ipv6: true, bip6: 'fd00:88::1/64', 'fixed-cidr-v6': 'fd00:88::/80', 'fixed-cidr': '10.88.4.0/24' },
    flags: ['--default-gateway-v6=fd00:88::99', '--host-gateway-ip=192.0.2.7', '--host-gateway-ip', 'fd00:77::7'],
  },
)

engineTest('new subnets follow the order of the pools, and keep away from the host’s routes', async (engine) => {
  const { docker, host } = engine
  const subnetOf = async (name: string) => {
    await docker.ok('network', 'create', name)
    return await docker.ok('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Subnet}}', name)
  }
  assert.equal(
    await docker.ok('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Subnet}}', 'bridge'),
    '172.17.0.0/16',
  )
  assert.equal(await subnetOf('one'), '172.18.0.0/16')
  await host.execOk('sh', [
    '-c',
    'ip link add vpn0 type bridge && ip addr add 172.19.5.1/24 dev vpn0 && ip link set vpn0 up',
  ])
  assert.equal(await subnetOf('two'), '172.20.0.0/16')
  await docker.ok('network', 'rm', 'one')
  assert.equal(await subnetOf('three'), '172.18.0.0/16')
})

engineTest(
  'info tells of pools and of the firewall, and settings of other firewalls are taken without effect',
  async (engine) => {
    const { docker, daemon, host } = engine
    const info = JSON.parse(await docker.ok('info', '-f', '{{json .}}'))
    assert.deepEqual(info.DefaultAddressPools, [{ Base: '10.99.0.0/16', Size: 24 }])
    assert.equal(info.FirewallBackend.Driver, 'nftables')
    assert.equal(
      await docker.ok('network', 'inspect', '-f', '{{(index .IPAM.Config 0).Subnet}}', 'bridge'),
      '10.99.0.0/24',
    )
    for (const setting of ['firewall-backend', 'network-control-plane-mtu', 'userland-proxy-path']) {
      assert.equal(daemon.log.split(`"setting":"${setting}"`).length - 1, 1, setting)
    }
    const tables = JSON.parse(await host.execOk('nft', ['-j', 'list', 'tables'])).nftables.flatMap(
      ({ table }: any) => table ?? [],
    )
    assert.deepEqual(
      tables.map(({ family, name }: { family: string; name: string }) => `${family} ${name}`),
      ['inet wharf'],
      'no filter policy is set anywhere',
    )
    await docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
    await serve(engine, 'web', 'proxied')
    assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'proxied')
  },
  {
    config: { 'default-address-pools': [{ base: '10.99.0.0/16', size: 24 }], 'userland-proxy': true },
    flags: [
      ...['--ip-forward-no-drop', '--firewall-backend=iptables', '--network-control-plane-mtu=1400'],
      '--userland-proxy-path=/usr/bin/docker-proxy',
    ],
  },
)
