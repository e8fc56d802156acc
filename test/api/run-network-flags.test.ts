import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'

const lines = (text: string): string[] => text.split('\n').filter(Boolean)

engineTest(
  'flags of run that are about networks and names',
  async (engine, t) => {
    const { docker, host, sh } = engine
    await docker.ok('network', 'create', '--subnet', '10.70.0.0/24', '--ipv6', '--subnet', 'fd70::/64', 'dual')
    await docker.ok('network', 'create', '--subnet', '10.71.0.0/24', 'other')
    const runs = (name: string, ...flags: string[]) => docker.ok('run', '-di', '--name', name, ...flags, 'busybox')
    const fails = async (...flags: string[]) => {
      const { code, stderr } = await docker.run(['run', '--rm', ...flags, 'busybox', 'true'])
      assert.notEqual(code, 0, flags.join(' '))
      return stderr
    }
    const networksOf = async (name: string) =>
      JSON.parse(await docker.ok('inspect', '-f', '{{json .NetworkSettings.Networks}}', name))

    await t.test('without --network a container is on bridge', async () => {
      await runs('plain')
      assert.deepEqual(Object.keys(await networksOf('plain')), ['bridge'])
      assert.equal(await docker.ok('inspect', '-f', '{{.HostConfig.NetworkMode}}', 'plain'), 'bridge')
    })

    await t.test('the long form of --network takes every key', async () => {
      const long = [
        ...['name=dual', 'alias=nick', 'alias=nock', 'ip=10.70.0.40', 'ip6=fd70::40', 'mac-address=02:00:00:00:00:40'],
        ...['link-local-ip=169.254.40.40', 'link-local-ip=fe80::40', 'gw-priority=3'],
        'driver-opt=com.docker.network.endpoint.ifname=wan0',
        'driver-opt=com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1',
      ]
      await runs('long', '--network', long.join(','))
      const shown = (await sh('long', 'ip addr show wan0')).stdout
      for (const cidr of ['10.70.0.40/24', 'fd70::40/64', '169.254.40.40/16', 'fe80::40/64']) {
        assert.ok(shown.includes(` ${cidr} `), `${cidr} in ${shown}`)
      }
      assert.match(shown, /link\/ether 02:00:00:00:00:40/)
      assert.equal((await sh('long', 'cat /proc/sys/net/ipv4/conf/wan0/log_martians')).stdout, '1\n')
      assert.partialDeepStrictEqual((await networksOf('long')).dual, {
        IPAMConfig: { IPv4Address: '10.70.0.40', IPv6Address: 'fd70::40', LinkLocalIPs: ['169.254.40.40', 'fe80::40'] },
        ...{ Aliases: ['nick', 'nock'], GwPriority: 3, MacAddress: '02:00:00:00:00:40' },
      })
    })

    await t.test('several networks at creation: aliases, addresses and priority of each', async () => {
      await runs(
        'both',
        '--network',
        'name=dual,alias=bd',
        '--network',
        'name=other,alias=bo,gw-priority=1,ip=10.71.0.9',
      )
      await runs('asker', '--network', 'other')
      assert.equal((await sh('both', 'ls /sys/class/net')).stdout, 'eth0\neth1\nlo\n')
      assert.match((await sh('both', 'ip route')).stdout, /default via 10\.71\.0\.1 /)
      assert.match((await sh('asker', 'nslookup -type=a bo')).stdout, /Address: 10\.71\.0\.9/)
      assert.notEqual((await sh('asker', 'nslookup -type=a bd')).code, 0, 'an alias is of its network')
    })

    await t.test('networks that exclude each other, and one twice, are refused', async () => {
      assert.match(
        await fails('--network', 'dual', '--network', 'host'),
        /conflicting options: cannot attach both user-defined and non-user-defined network-modes/,
      )
      assert.match(await fails('--network', 'dual', '--network', 'dual'), /network "dual" is specified multiple times/)
      assert.match(await fails('--network', 'nowhere'), /network nowhere not found/)
    })

    await t.test('--network-alias names on user-defined networks, and is refused on bridge', async () => {
      await runs('aliased', '--network', 'other', '--network-alias', 'a1', '--net-alias', 'a2')
      for (const alias of ['a1', 'a2']) assert.equal((await sh('asker', `ping -c 1 -W 2 ${alias}`)).code, 0)
      assert.match(
        await fails('--network-alias', 'x'),
        /network-scoped aliases are only supported for user-defined networks/,
      )
    })

    await t.test('--ip and --ip6 are for user-defined networks, and stay over restarts', async () => {
      await runs('fixed', '--network', 'dual', '--ip', '10.70.0.50', '--ip6', 'fd70::50')
      await docker.ok('restart', '-t', '0', 'fixed')
      const { stdout } = await sh('fixed', 'ip addr show eth0')
      for (const cidr of ['10.70.0.50/24', 'fd70::50/64']) assert.ok(stdout.includes(` ${cidr} `), cidr)
      assert.match(
        await fails('--ip', '172.17.0.9'),
        /user-specified IP address is supported on user-defined networks only/,
      )
      assert.match(
        await fails('--network', 'dual', '--ip', '10.9.9.9'),
        /no configured subnet contains IP address 10\.9\.9\.9/,
      )
    })

    await t.test('--link-local-ip adds addresses of the link, and takes no others', async () => {
      await runs('link', '--network', 'other', '--link-local-ip', '169.254.9.9')
      assert.match((await sh('link', 'ip addr show eth0')).stdout, /inet 169\.254\.9\.9\/16/)
      assert.match(
        await fails('--network', 'other', '--link-local-ip', '10.0.0.1'),
        /invalid link-local IP address: 10\.0\.0\.1/,
      )
    })

    await t.test('--link on a user-defined network is a name that only the linker knows', async () => {
      await runs('linker', '--network', 'other', '--link', 'asker:friend')
      assert.equal((await sh('linker', 'ping -c 1 -W 2 friend')).code, 0)
      assert.match((await sh('aliased', 'ping -c 1 -W 1 friend')).stderr, /bad address/)
    })

    await t.test('--dns, --dns-search and --dns-option go to resolv.conf, and . means no search', async () => {
      await host.execOk('true', [])
      const dns = ['--dns', '192.0.2.53', '--dns', '192.0.2.54', '--dns-search', 'a.test', '--dns-search', 'b.test']
      await runs('dns', ...dns, '--dns-option', 'timeout:1', '--dns-opt', 'ndots:4')
      const { stdout } = await sh('dns', 'cat /etc/resolv.conf')
      for (const line of [
        'nameserver 192.0.2.53',
        'nameserver 192.0.2.54',
        'search a.test b.test',
        'options timeout:1 ndots:4',
      ]) {
        assert.ok(lines(stdout).includes(line), `${line} in ${stdout}`)
      }
      await runs('nosearch', '--dns-search', '.')
      assert.doesNotMatch((await sh('nosearch', 'cat /etc/resolv.conf')).stdout, /^search/m)
      await runs('dnsown', '--network', 'other', '--dns', '192.0.2.53')
      assert.match((await sh('dnsown', 'cat /etc/resolv.conf')).stdout, /^nameserver 127\.0\.0\.11$/m)
    })

    await t.test('--add-host takes both forms, IPv6 in brackets and host-gateway', async () => {
      const add = (entry: string) => ['--add-host', entry]
      await runs(
        'hosts',
        ...add('one:192.0.2.1'),
        ...add('two=192.0.2.2'),
        ...add('six:[fd00::6]'),
        ...add('gate:host-gateway'),
      )
      const { stdout } = await sh('hosts', 'cat /etc/hosts')
      for (const line of ['192.0.2.1\tone', '192.0.2.2\ttwo', 'fd00::6\tsix', '172.17.0.1\tgate']) {
        assert.ok(lines(stdout).includes(line), `${line} in ${stdout}`)
      }
      assert.match(await fails('--add-host', 'bad'), /bad format for add-host: "bad"/)
      assert.match(await fails('--add-host', 'bad:1.2.3'), /invalid IP address in add-host: "1\.2\.3"/)
    })

    await t.test(
      '--hostname and --domainname; the host’s own name in host mode, the donor’s in container mode',
      async () => {
        await runs('named', '-h', 'hal', '--domainname', 'example.test', '--network', 'other')
        assert.equal((await sh('named', 'hostname; cat /etc/hostname')).stdout, 'hal\nhal\n')
        assert.match((await sh('named', 'cat /etc/hosts')).stdout, /\thal\.example\.test hal$/m)
        await runs('unnamed')
        const id = await docker.ok('inspect', '-f', '{{.Id}}', 'unnamed')
        assert.equal((await sh('unnamed', 'hostname')).stdout, `${id.slice(0, 12)}\n`)
        await runs('joined', '--network', 'container:named')
        assert.equal((await sh('joined', 'hostname')).stdout, 'hal\n')
        await runs('hosted', '--network', 'host')
        assert.equal((await sh('hosted', 'hostname')).stdout, `${await host.execOk('hostname', [])}\n`)
        await runs('uts', '--uts', 'host')
        assert.equal((await sh('uts', 'hostname')).stdout, `${await host.execOk('hostname', [])}\n`)
      },
    )

    await t.test('--sysctl net.* is of the container’s own network, and refused where it has none', async () => {
      await runs('tuned', '--sysctl', 'net.ipv4.ip_forward=1', '--sysctl', 'net.core.somaxconn=99')
      assert.equal(
        (await sh('tuned', 'cat /proc/sys/net/ipv4/ip_forward /proc/sys/net/core/somaxconn')).stdout,
        '1\n99\n',
      )
      assert.match(
        await fails('--network', 'host', '--sysctl', 'net.core.somaxconn=99'),
        /sysctl "net\.core\.somaxconn" not allowed in host network namespace/,
      )
    })

    await t.test(
      '--cap-add NET_ADMIN, --privileged and --device /dev/net/tun let a container make its own network',
      async () => {
        assert.notEqual((await sh('plain', 'ip addr add 192.0.2.9/32 dev lo')).code, 0)
        await runs('admin', '--cap-add', 'NET_ADMIN')
        await runs('strong', '--privileged')
        for (const name of ['admin', 'strong'])
          assert.equal((await sh(name, 'ip addr add 192.0.2.9/32 dev lo')).code, 0, name)
        await runs('tunnel', '--cap-add', 'NET_ADMIN', '--device', '/dev/net/tun')
        assert.equal((await sh('tunnel', 'test -c /dev/net/tun')).code, 0)
      },
    )

    await t.test('--mac-address is the endpoint’s, stays over restarts, and bad ones are refused', async () => {
      const mac = '02:00:00:00:00:31'
      const macOf = async (name: string) => (await sh(name, 'cat /sys/class/net/eth0/address')).stdout.trim()
      await runs('hard', '--mac-address', mac.replaceAll(':', '-'), '--network', 'other')
      assert.equal(await macOf('hard'), mac)
      await docker.ok('restart', '-t', '0', 'hard')
      assert.equal(await macOf('hard'), mac)
      assert.match(await fails('--mac-address', 'nonsense'), /nonsense is not a valid mac address/)
    })

    await t.test('a hardware address that nobody chose is 02:42 and the IPv4 address', async () => {
      assert.match((await sh('fixed', 'ip link show eth0')).stdout, /link\/ether 02:42:0a:46:00:32/)
      await docker.ok('restart', '-t', '0', 'fixed')
      assert.match((await sh('fixed', 'ip link show eth0')).stdout, /link\/ether 02:42:0a:46:00:32/)
      const { MacAddress } = (await networksOf('fixed')).dual
      const members = JSON.parse(await docker.ok('network', 'inspect', '-f', '{{json .Containers}}', 'dual'))
      assert.ok(
        Object.values(members).some((member: any) => member.Name === 'fixed' && member.MacAddress === MacAddress),
      )
    })

    await t.test('docker rename: names follow', async () => {
      await runs('before', '--network', 'other')
      await docker.ok('rename', 'before', 'after')
      assert.equal((await sh('asker', 'ping -c 1 -W 2 after')).code, 0)
      assert.match((await sh('asker', 'ping -c 1 -W 1 before')).stderr, /bad address/)
      assert.equal((await sh('asker', 'ping -c 3 -W 2 after')).code, 0)
    })
  },
  { timeoutMs: 150_000, dockerClient: 28 },
)
