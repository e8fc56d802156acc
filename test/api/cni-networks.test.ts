import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { addressOf, cniPath, scratch } from '../support/cni-files.ts'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { fetchFrom, fetchIn, serve } from '../support/web.ts'

function bridgeConfig(dataDir: string) {
  const ipam = {
    type: 'host-local',
    dataDir,
    subnet: '10.88.0.0/16',
    routes: [{ dst: '0.0.0.0/0' }, { dst: '10.5.0.0/16' }],
  }
  return { type: 'bridge', bridge: 'cni7', isGateway: true, ipMasq: true, ipam }
}

engineTest(
  'containers on a CNI network have its plugins’ addresses and routes, and our names and ports',
  async (engine) => {
    const { docker, wharf, sh, host } = engine
    using files = scratch()
    const plugins = [bridgeConfig(files.dir), { type: 'portmap', capabilities: { portMappings: true } }]
    const conf = files.write('net.conflist', { cniVersion: '1.0.0', name: 'dbnet', plugins })
    await wharf.ok('network', 'create', '-d', 'cni', '-o', `conf=${conf}`, 'db')
    rmSync(conf)
    const network = JSON.parse(await docker.ok('network', 'inspect', 'db'))[0]
    assert.deepEqual([network.Driver, network.IPAM.Config, network.Options.conf], ['cni', [], conf])
    assert.equal(JSON.parse(network.Options.config).cniVersion, '1.0.0')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'db', 'busybox')
    await docker.ok('run', '-di', '--name', 'two', '--network', 'db', '-p', '8080:80', 'busybox')
    assert.deepEqual(
      [await addressOf(engine, 'one'), await addressOf(engine, 'two'), await addressOf(engine, 'two', 'Gateway')],
      ['10.88.0.2', '10.88.0.3', '10.88.0.1'],
    )
    const [two] = JSON.parse(await docker.ok('inspect', 'two'))
    assert.deepEqual(two.NetworkSettings.Networks.db.Routes, [
      { Destination: '0.0.0.0/0' },
      { Destination: '10.5.0.0/16' },
    ])
    assert.match((await sh('two', 'ip route')).stdout, /10\.5\.0\.0\/16 via 10\.88\.0\.1/)
    assert.equal((await sh('one', 'ping -c1 -W2 two')).code, 0)
    await serve(engine, 'two', 'hello')
    for (const address of ['127.0.0.1', '10.88.0.1']) {
      assert.equal(await fetchFrom(host, `http://${address}:8080/`), 'hello')
    }
    assert.equal(await fetchIn(engine, 'one', 'http://10.88.0.1:8080/'), 'hello')
    assert.deepEqual(files.leases('dbnet'), ['10.88.0.2', '10.88.0.3'])
    await docker.ok('rm', '-f', 'one')
    await docker.ok('network', 'disconnect', 'db', 'two')
    assert.deepEqual(files.leases('dbnet'), [])
    await docker.ok('network', 'connect', 'db', 'two')
    assert.deepEqual(files.leases('dbnet').length, 1)
    await docker.ok('rm', '-f', 'two')
    assert.deepEqual(files.leases('dbnet'), [])
    await docker.ok('network', 'rm', 'db')
  },
  { config: { 'cni-path': cniPath } },
)

engineTest(
  'plugins of Debian: lists, both families, macvlan',
  async (engine) => {
    const { docker, sh, host } = engine
    using files = scratch()
    const ranges = [[{ subnet: '10.92.0.0/24' }], [{ subnet: 'fd00:92::/64' }]]
    const both = { type: 'host-local', dataDir: files.dir, ranges, routes: [{ dst: '0.0.0.0/0' }, { dst: '::/0' }] }
    const lan = { type: 'host-local', dataDir: files.dir, subnet: '10.93.0.0/24' }
    await host.execOk('ip', ['link', 'add', 'up0', 'type', 'veth', 'peer', 'name', 'up1'])
    for (const name of ['up0', 'up1']) await host.execOk('ip', ['link', 'set', name, 'up'])
    const dns = { nameservers: ['192.0.2.53'], search: ['lan'] }
    const networks: Readonly<Record<string, unknown>> = {
      list: [
        { type: 'bridge', bridge: 'cni8', isGateway: true, ipam: both, dns },
        { type: 'tuning', sysctl: { 'net.ipv4.conf.eth0.forwarding': '1' } },
        { type: 'firewall' },
      ],
      routed: [{ type: 'ptp', ipam: both }],
      wire: [{ type: 'macvlan', master: 'up0', ipam: lan }],
    }
    for (const [name, plugins] of Object.entries(networks)) {
      const conf = files.write(`${name}.conflist`, {
        cniVersion: '1.0.0',
        cniVersions: ['0.4.0', '1.1.0'],
        name,
        plugins,
      })
      await docker.ok('network', 'create', '-d', 'cni', '-o', `conf=${conf}`, name)
      for (const one of ['one', 'two']) {
        await docker.ok(
          'run',
          '-di',
          '--name',
          one,
          '--network',
          name,
          '--mac-address',
          one === 'one' ? '02:00:00:00:00:0a' : '02:00:00:00:00:0b',
          'busybox',
        )
      }
      assert.equal((await sh('one', 'ping -4 -c1 -W2 two')).code, 0, name)
      if (name !== 'wire') {
        // The plugins wait for duplicate address detection in the container, not on the host.
        await eventually(async () => (await host.execOk('ip', ['-6', 'addr', 'show', 'tentative'])).trim(), '')
        assert.equal((await sh('one', 'ping -6 -c1 -W3 two')).code, 0, name)
      }
      if (name !== 'routed') {
        const mac = await docker.ok(
          'inspect',
          '-f',
          `{{(index .NetworkSettings.Networks "${name}").MacAddress}}`,
          'two',
        )
        assert.equal(mac, '02:00:00:00:00:0b')
        assert.match((await sh('two', 'ip link show eth0')).stdout, /02:00:00:00:00:0b/)
      }
      if (name === 'list') {
        assert.equal((await sh('two', 'cat /proc/sys/net/ipv4/conf/eth0/forwarding')).stdout, '1\n')
        assert.match((await sh('two', 'cat /etc/resolv.conf')).stdout, /search lan/)
      }
      await docker.ok('rm', '-f', 'one', 'two')
      await docker.ok('network', 'rm', name)
      assert.deepEqual(files.leases(name), [])
    }
    const left = (await host.ip('link')).map(({ ifname }: { ifname: string }) => ifname).sort()
    assert.deepEqual(left, ['cni8', 'docker0', 'lo', 'up0', 'up1'], 'plugins leave their bridge')
  },
  { config: { 'cni-path': cniPath } },
)

engineTest(
  'a CNI configuration that is wrong is refused at create, with what is wrong',
  async ({ docker }) => {
    using files = scratch()
    const good = { cniVersion: '1.0.0', name: 'net', type: 'ptp', ipam: { type: 'host-local', subnet: '10.90.0.0/24' } }
    const cases: readonly (readonly [unknown, RegExp])[] = [
      ['{"cniVersion": ', /Cannot use the CNI configuration: it is not JSON: /],
      ['[]', /it is not a JSON object/],
      [{ ...good, type: undefined }, /it has no "type"/],
      [{ ...good, cniVersion: undefined }, /it has no "cniVersion"/],
      [
        { ...good, cniVersion: '0.2.0' },
        /it is for version 0\.2\.0, the engine speaks 0\.3\.1, 0\.4\.0, 1\.0\.0, 1\.1\.0/,
      ],
      [{ ...good, cniVersion: '1.1.0' }, /it is for version 1\.1\.0, but ptp speaks 0\.1\.0/],
      [{ ...good, type: 'nobody' }, /CNI plugin "nobody" not found in \/usr\/lib\/cni: install it, or set "cni-path"/],
      [{ ...good, ipam: { type: 'nobody' } }, /CNI plugin "nobody" not found/],
      [{ ...good, type: '../bridge' }, /"type" "\.\.\/bridge" is not the name of a program/],
      [{ cniVersion: '1.0.0', name: 'net', plugins: [] }, /"plugins" is not a list of plugins/],
      [{ cniVersion: '1.0.0', name: 'net', plugins: [{ ipam: {} }] }, /plugin 1 has no "type"/],
    ]
    for (const [config, sentence] of cases) {
      const { code, stderr } = await docker.run([
        ...['network', 'create', '-d', 'cni', '-o', `conf=${files.write('net.conf', config)}`, 'net'],
      ])
      assert.equal(code, 1)
      assert.match(stderr, sentence)
    }
    const conf = `conf=${files.write('net.conf', good)}`
    const options: readonly (readonly [readonly string[], RegExp])[] = [
      [[], /Cannot create network "net": driver "cni" needs -o conf=FILE/],
      [['-o', 'conf=/nowhere.conf'], /cannot read the CNI configuration: ENOENT/],
      [['-o', 'conf=here.conf'], /"here\.conf" is no absolute path/],
      [['-o', 'conf=/dev/zero'], /\/dev\/zero is no file/],
      [['-o', conf, '-o', 'mode=l2'], /driver "cni" knows no option "mode"/],
      [['-o', conf, '--subnet', '10.91.0.0/24'], /the addresses of its networks are chosen by its plugins/],
      [['-o', conf, '--internal'], /Cannot make CNI network "net" internal/],
    ]
    for (const [words, sentence] of options) {
      const { stderr } = await docker.run(['network', 'create', '-d', 'cni', ...words, 'net'])
      assert.match(stderr, sentence)
    }
    assert.equal(await docker.ok('network', 'ls', '-q', '-f', 'driver=cni'), '')
  },
  { config: { 'cni-path': cniPath } },
)
