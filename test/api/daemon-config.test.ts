import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { addAddress } from '../../src/kernel/netlink/addresses.ts'
import { createBridge, setLink } from '../../src/kernel/netlink/links.ts'
import { readSysctl } from '../../src/kernel/sysctl.ts'
import { type Engine, engineTest, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'
import { startRegistry } from '../support/registry.ts'
import { fetchFrom, serve } from '../support/web.ts'

const main = `${import.meta.dirname}/../../src/main.ts`

/** Addresses of an interface of the host, as iproute2 sees them, without link-local ones. */
async function addressesOf({ host }: Engine, name: string): Promise<string[]> {
  const [link] = await host.ip('addr', 'show', name)
  const global = link.addr_info.filter(({ scope }: { scope: string }) => scope === 'global')
  return global.map(({ local, prefixlen }: { local: string; prefixlen: number }) => `${local}/${prefixlen}`)
}

async function bridgeNetwork({ docker }: Engine): Promise<any> {
  return JSON.parse(await docker.ok('network', 'inspect', 'bridge'))[0]
}

/** Words of every rule and element of our table. */
async function ruleset({ host }: Engine): Promise<string> {
  return await host.execOk('nft', ['list', 'table', 'inet', 'wharf'])
}

engineTest(
  'bip, fixed-cidr, default-gateway and mtu shape the default bridge and its containers',
  async (engine) => {
    const { docker, sh } = engine
    assert.deepEqual(await addressesOf(engine, 'docker0'), ['10.77.0.1/24'])
    assert.deepEqual((await bridgeNetwork(engine)).IPAM.Config, [
      {
        Subnet: '10.77.0.0/24',
        IPRange: '10.77.0.64/26',
        Gateway: '10.77.0.1',
        AuxiliaryAddresses: { DefaultGatewayIPv4: '10.77.0.254' },
      },
    ])
    await docker.ok('run', '-di', '--name', 'box', 'busybox')
    assert.match((await sh('box', 'ip route')).stdout, /default via 10\.77\.0\.254 /)
    assert.match((await sh('box', 'ip addr show eth0')).stdout, /mtu 1400 [\s\S]*inet 10\.77\.0\.64\/24/)
    const [bridge] = await engine.host.ip('link', 'show', 'docker0')
    assert.equal(bridge.mtu, 1400)
    const own = await docker.ok('network', 'create', 'own')
    const [other] = await engine.host.ip('link', 'show', `br-${own.slice(0, 12)}`)
    assert.equal(other.mtu, 1500, 'the setting is of the default bridge')
  },
  {
    config: { bip: '10.77.0.1/24', 'fixed-cidr': '10.77.0.64/26' },
    flags: ['--default-gateway=10.77.0.254', '--mtu', '1400'],
  },
)

engineTest(
  'icc, ip-masq and ip become options of the default bridge that the firewall and published ports follow',
  async (engine) => {
    const { docker } = engine
    const { Options: options } = await bridgeNetwork(engine)
    assert.partialDeepStrictEqual(options, {
      'com.docker.network.bridge.enable_icc': 'false',
      'com.docker.network.bridge.enable_ip_masquerade': 'false',
      'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
    })
    const rules = await ruleset(engine)
    assert.match(rules, /set icc_off \{[^}]*elements = \{ "docker0"/)
    assert.doesNotMatch(rules, /set masquerade4 \{[^}]*elements/)
    await docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
    assert.equal(await docker.ok('port', 'web'), '80/tcp -> 127.0.0.1:8080')
  },
  { config: { icc: false, 'ip-masq': false, ip: '127.0.0.1' } },
)

engineTest(
  'ipv6 with fixed-cidr-v6 gives the default bridge and its containers addresses of it',
  async (engine) => {
    const { docker, sh } = engine
    const network = await bridgeNetwork(engine)
    assert.equal(network.EnableIPv6, true)
    assert.partialDeepStrictEqual(network.IPAM.Config[1], { Subnet: 'fd00:77::/64', Gateway: 'fd00:77::1' })
    assert.ok((await addressesOf(engine, 'docker0')).includes('fd00:77::1/64'))
    await docker.ok('run', '-di', '--name', 'box', 'busybox')
    assert.match((await sh('box', 'ip -6 addr show eth0')).stdout, /inet6 fd00:77::2\/64 scope global/)
  },
  { config: { ipv6: true, 'fixed-cidr-v6': 'fd00:77::/64' } },
)

engineTest(
  'ipv6 alone takes a unique local subnet, and bip6 names one',
  async (engine) => {
    const [, ipv6] = (await bridgeNetwork(engine)).IPAM.Config
    assert.match(ipv6.Subnet, /^fd[0-9a-f]{2}:.*::\/64$/)
    await engine.daemon.stop()
    writeFileSync(`${engine.daemon.root}/daemon.json`, '{"ipv6": true, "bip6": "fd00:78::9/64"}')
    await engine.daemon.start()
    assert.ok((await addressesOf(engine, 'docker0')).includes('fd00:78::9/64'))
    assert.equal((await bridgeNetwork(engine)).IPAM.Config[1].Gateway, 'fd00:78::9')
  },
  { config: { ipv6: true } },
)

engineTest(
  'bridge "none": there is no default network, and everything else works',
  async ({ docker, host, sh }) => {
    assert.deepEqual(await host.ip('link', 'show', 'type', 'bridge'), [])
    const refused = await docker.run(['run', '-d', 'busybox'])
    assert.match(refused.stderr, /network bridge not found/)
    assert.equal((await docker.ok('network', 'ls', '--format', '{{.Name}}')).split('\n').sort().join(' '), 'host none')
    await docker.ok('network', 'create', 'own')
    await docker.ok('run', '-di', '--name', 'box', '--network', 'own', 'busybox')
    assert.equal((await sh('box', 'ip addr show eth0')).code, 0)
  },
  { config: { bridge: 'none' } },
)

test('bridge: a bridge of the host is used as it is, and one that is not there is an error', async () => {
  using host = createHost()
  const words = ['daemon', '--bridge', 'lan0']
  assert.equal((await host.exec(process.execPath, [main, ...words, '--validate'])).stdout, 'configuration OK\n')
  await assert.rejects(
    withEngine(host, { flags: ['--bridge', 'lan0'] }, async () => {}),
    /bridge device with non default name lan0 must be created manually/,
  )
  await assert.rejects(
    withEngine(host, { flags: ['--bridge', 'lo'] }, async () => {}),
    /existing interface lo is not a bridge/,
  )
  const index = createBridge(host.netlink, { name: 'lan0', mac: '02:00:00:00:00:01', mtu: 1500 })
  setLink(host.netlink, index, { up: true })
  addAddress(host.netlink, index, { address: '10.79.0.9', prefixLength: 24 })
  await withEngine(host, { flags: ['-b', 'lan0'] }, async (engine) => {
    const [config] = (await bridgeNetwork(engine)).IPAM.Config
    assert.deepEqual(config, { Subnet: '10.79.0.0/24', Gateway: '10.79.0.9' })
    await engine.docker.ok('run', '-di', '--name', 'box', 'busybox')
    assert.match((await engine.sh('box', 'ip addr show eth0')).stdout, /inet 10\.79\.0\.1\/24/)
    const bridges = await host.ip('link', 'show', 'type', 'bridge')
    assert.deepEqual(
      bridges.map(({ ifname }: { ifname: string }) => ifname),
      ['lan0'],
    )
  })
})

engineTest(
  'ip-forward off leaves the sysctl alone, and creating a container says what that means',
  async ({ docker, host }) => {
    await docker.ok('network', 'create', 'own')
    assert.equal(readSysctl(host.namespace, 'net.ipv4.ip_forward'), '0')
    const created = await docker.run(['create', '--network', 'own', 'busybox'])
    assert.equal(created.code, 0)
    assert.match(created.stderr, /WARNING: IPv4 forwarding is disabled\. Networking will not work\./)
    const alone = await docker.run(['create', '--network', 'none', 'busybox'])
    assert.doesNotMatch(alone.stderr, /forwarding/)
  },
  { config: { 'ip-forward': false } },
)

engineTest(
  'iptables off leaves IPv4 to others: every hook lets it through first, and the proxy carries published ports',
  async (engine) => {
    const { docker, host } = engine
    const { nftables } = JSON.parse(await host.execOk('nft', ['-j', 'list', 'table', 'inet', 'wharf']))
    const hooked = nftables.flatMap(({ chain }: any) => (chain?.hook === undefined ? [] : [chain.name]))
    const firsts = new Map<string, any>()
    for (const { rule } of nftables) if (rule && !firsts.has(rule.chain)) firsts.set(rule.chain, rule.expr)
    for (const chain of hooked) {
      assert.deepEqual(firsts.get(chain)[0].match.right, 'ipv4', chain)
      assert.ok('accept' in firsts.get(chain).at(-1), chain)
    }
    await docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
    await serve(engine, 'web', 'hi')
    assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080'), 'hi')
  },
  { flags: ['--iptables=false'] },
)

engineTest(
  'pools, default network options, DNS and host gateways come from the settings; SIGHUP reloads what can change',
  async ({ docker, daemon, host, sh }) => {
    const id = await docker.ok('network', 'create', 'own')
    const [own] = JSON.parse(await docker.ok('network', 'inspect', 'own'))
    assert.equal(own.IPAM.Config[0].Subnet, '10.88.1.0/24')
    assert.deepEqual(own.Options, { 'com.docker.network.driver.mtu': '1300' })
    assert.equal((await host.ip('link', 'show', `br-${id.slice(0, 12)}`))[0].mtu, 1300)
    await docker.ok('run', '-di', '--name', 'box', '--add-host', 'machine:host-gateway', 'busybox')
    assert.match((await sh('box', 'cat /etc/hosts')).stdout, /^192\.0\.2\.7\tmachine$/m)
    const resolvConf = (await sh('box', 'cat /etc/resolv.conf')).stdout
    assert.match(resolvConf, /^nameserver 192\.0\.2\.53$/m)
    assert.match(resolvConf, /^search example\.test$/m)
    assert.match(resolvConf, /^options ndots:3$/m)

    const file = `${daemon.root}/daemon.json`
    const before = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...before, labels: ['rack=9'], dns: ['192.0.2.54'], debug: true, mtu: 1234 }))
    process.kill(daemon.pid, 'SIGHUP')
    await eventually(async () => await docker.ok('info', '-f', '{{json .Labels}} {{.Debug}}'), '["rack=9"] true')
    await eventually(async () => /"changed":\["labels","debug","dns"\]/.test(daemon.log), true)
    await eventually(async () => /"settings":\["mtu"\]/.test(daemon.log), true)
    await docker.ok('run', '-di', '--name', 'later', 'busybox')
    assert.match((await sh('later', 'cat /etc/resolv.conf')).stdout, /^nameserver 192\.0\.2\.54$/m)

    writeFileSync(file, '{"nonsense": 1}')
    process.kill(daemon.pid, 'SIGHUP')
    await eventually(async () => daemon.log.includes("don't match any configuration option: nonsense"), true)
    assert.equal(await docker.ok('info', '-f', '{{json .Labels}}'), '["rack=9"]')
    writeFileSync(file, JSON.stringify(before))
  },
  {
    config: {
      'default-address-pools': [{ base: '10.88.0.0/16', size: 24 }],
      'default-network-opts': { bridge: { 'com.docker.network.driver.mtu': '1300' } },
      dns: ['192.0.2.53'],
      'dns-opts': ['ndots:3'],
      'dns-search': ['example.test'],
      'host-gateway-ips': ['192.0.2.7'],
      labels: ['rack=7'],
    },
  },
)

engineTest(
  'info, logs and the pid file follow the settings, and foreign settings have one line each',
  async ({ docker, daemon }) => {
    const info = JSON.parse(await docker.ok('info', '-f', '{{json .}}'))
    assert.partialDeepStrictEqual(info, {
      Labels: ['a=b'],
      LoggingDriver: 'json-file',
      LiveRestoreEnabled: true,
      RegistryConfig: { Mirrors: ['http://127.0.0.1:5000/'] },
    })
    assert.ok('registry.test:5000' in info.RegistryConfig.IndexConfigs)
    await docker.ok('create', '--name', 'box', 'busybox')
    assert.equal(await docker.ok('inspect', '-f', '{{json .HostConfig.LogConfig.Config}}', 'box'), '{"max-size":"10m"}')
    for (const setting of ['storage-driver', 'exec-opts', 'containerd']) {
      assert.equal(daemon.log.split(`"setting":"${setting}"`).length - 1, 1, setting)
    }
    assert.equal(await daemon.stop(), 0)
    await daemon.start()
  },
  {
    config: { 'storage-driver': 'overlay2', 'exec-opts': ['x=y'], labels: ['a=b'], 'log-opts': { 'max-size': '10m' } },
    flags: ['--containerd=/x', '--registry-mirror=http://127.0.0.1:5000', '--insecure-registry', 'registry.test:5000'],
  },
)

engineTest(
  'live-restore off: the containers end with the daemon, and come back with the next as their restart policies say',
  async ({ docker, daemon }) => {
    const run = (name: string, policy: string) =>
      docker.ok('run', '-di', '--name', name, '--restart', policy, '--stop-timeout', '0', 'busybox')
    for (const policy of ['no', 'always', 'unless-stopped', 'on-failure']) await run(policy, policy)
    await run('always-stopped', 'always')
    await run('unless-stopped-stopped', 'unless-stopped')
    await docker.ok('create', '--name', 'never-ran', '--restart', 'always', 'busybox')
    await docker.ok('stop', 'always-stopped', 'unless-stopped-stopped')
    const states = async () => (await docker.ok('ps', '-a', '--format', '{{.Names}} {{.State}}')).split('\n').sort()
    const pids = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'always', 'unless-stopped')
    assert.equal(await daemon.stop(), 0)
    for (const pid of pids.split('\n')) assert.equal(existsSync(`/proc/${pid}`), false, 'ended with the daemon')
    await daemon.start()
    await eventually(states, [
      'always running',
      'always-stopped running',
      'never-ran created',
      'no exited',
      'on-failure running',
      'unless-stopped running',
      'unless-stopped-stopped exited',
    ])
  },
  { config: { 'live-restore': false } },
)

engineTest('what is said twice is refused with the words of Docker', async ({ host, daemon }) => {
  const file = `${daemon.root}/twice.json`
  writeFileSync(file, '{"mtu": 1500}')
  const { code, stderr } = await host.exec(process.execPath, [main, 'daemon', '--config-file', file, '--mtu', '1400'])
  assert.equal(code, 1)
  assert.match(
    stderr,
    /the following directives are specified both as a flag and in the configuration file: mtu: \(from flag: 1400, from file: 1500\)\n/,
  )
})

engineTest(
  'an image of Docker Hub comes from the mirror that the settings name',
  async ({ docker, daemon, host }) => {
    await using _ = await startRegistry(host)
    const file = `${daemon.root}/pushed.tar`
    await docker.ok('save', '-o', file, 'busybox')
    const target = 'docker://127.0.0.1:5000/library/tiny:1'
    const words = ['--insecure-policy', 'copy', '-q', '--dest-tls-verify=false', `docker-archive:${file}`, target]
    // As root skopeo would keep notes under /var/lib.
    const env = { ...process.env, _CONTAINERS_ROOTLESS_UID: '65534', XDG_DATA_HOME: daemon.root }
    await host.execOk('skopeo', words, { env })
    assert.match(await docker.ok('pull', 'tiny:1'), /docker\.io\/library\/tiny:1$/)
    assert.equal(await docker.ok('run', '--rm', 'tiny:1', 'echo', 'hello'), 'hello')
  },
  { config: { 'registry-mirrors': ['http://127.0.0.1:5000'] } },
)
