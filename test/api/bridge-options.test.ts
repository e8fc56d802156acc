import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { engineTest, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createLan } from '../support/hosts.ts'
import { rawHttp } from '../support/raw-http.ts'
import { fetchFrom, fetchIn, httpWhoami, serve } from '../support/web.ts'

const prefix = 'com.docker.network.bridge.'
const option = (key: string, value: string): string[] => ['-o', `${key.includes('.') ? '' : prefix}${key}=${value}`]

engineTest(
  'options of the bridge driver on one host',
  async (engine, t) => {
    const { docker, daemon, host, sh } = engine
    const ask = rawHttp(daemon.socket)
    const bridges = async (): Promise<string[]> =>
      (await host.ip('link', 'show', 'type', 'bridge')).map(({ ifname }: { ifname: string }) => ifname).sort()

    await t.test('bridge.name names the interface, and two networks cannot have one', async () => {
      const id = await docker.ok('network', 'create', ...option('name', 'mybr0'), 'named')
      assert.deepEqual(await bridges(), ['docker0', 'mybr0'])
      const { stderr } = await docker.run(['network', 'create', ...option('name', 'mybr0'), 'again'])
      assert.match(
        stderr,
        new RegExp(
          `cannot create network [0-9a-f]{64} \\(mybr0\\): conflicts with network ${id} \\(mybr0\\): networks have same bridge name`,
        ),
      )
      const refused = await ask('POST', '/networks/create', { Name: 'x', Options: { [`${prefix}name`]: 'mybr0' } })
      assert.equal(refused.status, 403)
      await docker.ok('network', 'rm', 'named')
      await eventually(bridges, ['docker0'])
    })

    await t.test('a bridge that was there is used as it is, and stays when the network goes', async () => {
      await host.execOk('sh', [
        '-c',
        'ip link add lan9 type bridge && ip addr add 10.60.0.9/24 dev lan9 && ip link set lan9 up',
      ])
      await docker.ok(
        'network',
        'create',
        '--subnet',
        '10.60.0.0/24',
        '--gateway',
        '10.60.0.9',
        ...option('name', 'lan9'),
        'lent',
      )
      await docker.ok('run', '-di', '--name', 'guest', '--network', 'lent', 'busybox')
      assert.equal((await sh('guest', 'ping -c 1 -W 2 10.60.0.9')).code, 0)
      await docker.ok('rm', '-f', 'guest')
      await docker.ok('network', 'rm', 'lent')
      const [lan] = await host.ip('addr', 'show', 'lan9')
      assert.deepEqual([lan.operstate !== undefined, lan.addr_info[0].local], [true, '10.60.0.9'])
    })

    await t.test('enable_icc=false keeps containers apart, and leaves them the host', async () => {
      await docker.ok('network', 'create', '--subnet', '10.61.0.0/24', ...option('enable_icc', 'false'), 'quiet')
      for (const name of ['q1', 'q2']) await docker.ok('run', '-di', '--name', name, '--network', 'quiet', 'busybox')
      assert.notEqual((await sh('q1', 'ping -c 1 -W 1 10.61.0.3')).code, 0)
      assert.equal((await sh('q1', 'ping -c 1 -W 2 10.61.0.1')).code, 0)
      assert.equal((await host.exec('ping', ['-c', '1', '-W', '2', '10.61.0.3'])).code, 0)
    })

    await t.test('host_binding_ipv4 is the address of -p without one, of either family', async () => {
      await docker.ok('network', 'create', ...option('host_binding_ipv4', '127.0.0.1'), 'bound')
      await docker.ok(
        'run',
        '-di',
        '--name',
        'b1',
        '--network',
        'bound',
        '-p',
        '8061:80',
        '-p',
        '0.0.0.0:8062:80',
        'busybox',
      )
      assert.equal(await docker.ok('port', 'b1'), '80/tcp -> 0.0.0.0:8062\n80/tcp -> 127.0.0.1:8061')
      await docker.ok('network', 'create', '--ipv6', ...option('host_binding_ipv4', '::1'), 'bound6')
      await docker.ok('run', '-di', '--name', 'b2', '--network', 'bound6', '-p', '8063:80', 'busybox')
      await serve(engine, 'b2', 'six')
      assert.equal(await docker.ok('port', 'b2'), '80/tcp -> [::1]:8063')
      assert.equal(await fetchFrom(host, 'http://[::1]:8063/'), 'six')
    })

    await t.test('inhibit_ipv4 leaves the bridge without an address', async () => {
      const id = await docker.ok(
        'network',
        'create',
        '--subnet',
        '10.62.0.0/24',
        ...option('inhibit_ipv4', 'true'),
        'bare',
      )
      const [bridge] = await host.ip('addr', 'show', `br-${id.slice(0, 12)}`)
      assert.deepEqual(
        bridge.addr_info.filter(({ family }: any) => family === 'inet'),
        [],
      )
      for (const name of ['i1', 'i2']) await docker.ok('run', '-di', '--name', name, '--network', 'bare', 'busybox')
      assert.equal((await sh('i1', 'ping -c 1 -W 2 10.62.0.3')).code, 0)
      assert.notEqual((await sh('i1', 'ping -c 1 -W 1 10.62.0.1')).code, 0)
      await docker.ok(
        'network',
        'create',
        '--internal',
        '--subnet',
        '10.63.0.0/24',
        ...option('inhibit_ipv4', 'true'),
        'barer',
      )
      await docker.ok('run', '-di', '--name', 'i3', '--network', 'barer', 'busybox')
      assert.equal(await docker.ok('inspect', '-f', '{{.NetworkSettings.Networks.barer.Gateway}}', 'i3'), '')
    })

    await t.test('gateway mode isolated gives the bridge no address, and is for internal networks', async () => {
      const modes = [...option('gateway_mode_ipv4', 'isolated'), ...option('gateway_mode_ipv6', 'isolated')]
      const id = await docker.ok(
        'network',
        'create',
        '--internal',
        '--ipv6',
        '--subnet',
        '10.64.0.0/24',
        '--subnet',
        'fd64::/64',
        ...modes,
        'cell',
      )
      const [bridge] = await host.ip('addr', 'show', `br-${id.slice(0, 12)}`)
      assert.deepEqual(
        bridge.addr_info.filter(({ scope }: any) => scope === 'global'),
        [],
      )
      for (const name of ['z1', 'z2']) await docker.ok('run', '-di', '--name', name, '--network', 'cell', 'busybox')
      assert.equal((await sh('z1', 'ping -c 1 -W 2 z2')).code, 0)
      assert.notEqual((await host.exec('ping', ['-c', '1', '-W', '1', '10.64.0.2'])).code, 0)
      const refused = await ask('POST', '/networks/create', {
        Name: 'x',
        Options: { [`${prefix}gateway_mode_ipv4`]: 'isolated' },
      })
      assert.deepEqual(
        [refused.status, refused.json.message],
        [400, "gateway mode 'isolated' can only be used for an internal network"],
      )
    })

    await t.test('driver.mtu is that of the bridge and of both ends of each cable', async () => {
      const id = await docker.ok('network', 'create', ...option('com.docker.network.driver.mtu', '1380'), 'narrow')
      await docker.ok('run', '-di', '--name', 'm1', '--network', 'narrow', 'busybox')
      assert.equal((await host.ip('link', 'show', `br-${id.slice(0, 12)}`))[0].mtu, 1380)
      const [veth] = (await host.ip('link', 'show', 'type', 'veth')).filter(
        ({ master }: any) => master === `br-${id.slice(0, 12)}`,
      )
      assert.deepEqual([veth.mtu, (await sh('m1', 'cat /sys/class/net/eth0/mtu')).stdout], [1380, '1380\n'])
      assert.equal(
        (await sh('m1', 'ping -c 1 -W 2 -s 1352 $(ip route | sed -n "s/default via \\([^ ]*\\).*/\\1/p")')).code,
        0,
      )
    })

    await t.test('container_iface_prefix names interfaces', async () => {
      await docker.ok('network', 'create', ...option('com.docker.network.container_iface_prefix', 'lan'), 'renamed')
      await docker.ok('run', '-di', '--name', 'p1', '--network', 'renamed', 'busybox')
      await docker.ok('network', 'connect', 'bridge', 'p1')
      assert.equal((await sh('p1', 'ls /sys/class/net')).stdout, 'eth0\nlan0\nlo\n')
    })

    await t.test('endpoints take sysctls, an interface name and a hardware address', async () => {
      await docker.ok('network', 'create', 'plain')
      const endpoint = (key: string, value: string) => ['--driver-opt', `com.docker.network.endpoint.${key}=${value}`]
      await docker.ok('run', '-di', '--name', 'e1', 'busybox')
      const sysctls = 'net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.conf.IFNAME.forwarding=0'
      const mac = '02:00:00:00:00:41'
      const options = [...endpoint('sysctls', sysctls), ...endpoint('ifname', 'wan0'), ...endpoint('macaddress', mac)]
      await docker.ok('network', 'connect', ...options, 'plain', 'e1')
      assert.match((await sh('e1', 'ip link show wan0')).stdout, new RegExp(`link/ether ${mac}`))
      const { stdout } = await sh('e1', 'cd /proc/sys/net/ipv4/conf/wan0; cat log_martians forwarding')
      assert.equal(stdout, '1\n0\n')
    })

    await t.test('values that cannot be are refused with Docker’s words', async () => {
      const refusal = async (key: string, value: string, more: object = {}) => {
        const label = key.includes('.') ? key : `${prefix}${key}`
        const { status, json } = await ask('POST', '/networks/create', {
          Name: 'bad',
          Options: { [label]: value },
          ...more,
        })
        return [status, json.message.replace(label, 'LABEL')]
      }
      const notBool = 'failed to parse LABEL value: maybe (strconv.ParseBool: parsing "maybe": invalid syntax)'
      for (const key of ['enable_icc', 'enable_ip_masquerade', 'inhibit_ipv4']) {
        assert.deepEqual(await refusal(key, 'maybe'), [400, notBool])
      }
      assert.deepEqual(await refusal('com.docker.network.driver.mtu', 'big'), [
        400,
        'failed to parse LABEL value: big (strconv.Atoi: parsing "big": invalid syntax)',
      ])
      assert.equal((await refusal('com.docker.network.driver.mtu', '-1'))[0], 400)
      assert.deepEqual(await refusal('gateway_mode_ipv4', 'open'), [
        400,
        'failed to parse LABEL value: open (unknown gateway mode open)',
      ])
      assert.deepEqual(await refusal('host_binding_ipv4', 'here'), [400, 'failed to parse LABEL value: here (nil ip)'])
      const nmsgs = 'com.docker.network.advertise_addr_nmsgs'
      assert.deepEqual(await refusal(nmsgs, '4'), [500, 'LABEL must be in the range 0 to 3'])
      assert.deepEqual(await refusal(nmsgs, 'few'), [500, 'value for option LABEL "few" must be an integer'])
      assert.deepEqual(await refusal('com.docker.network.advertise_addr_ms', '99'), [
        500,
        'LABEL must be in the range 100 to 2000',
      ])
    })

    await t.test(
      'advertise_addr_nmsgs and advertise_addr_ms: neighbours are told of both addresses, so often',
      async () => {
        const told = async (network: string, ...flags: string[]) => {
          const id = await docker.ok('network', 'create', '--ipv6', ...flags, network)
          const filter = '(arp and ether broadcast) or (icmp6 and ip6[40] == 136 and dst ff02::1)'
          const words = ['-i', `br-${id.slice(0, 12)}`, '-n', '-l', '-e', filter]
          const capture = host.exec('timeout', ['3', 'tcpdump', '--immediate-mode', ...words])
          await new Promise((resolve) => setTimeout(resolve, 700)) // until it listens
          await docker.ok('run', '-di', '--name', network, '--network', network, 'busybox')
          const { IPAddress, GlobalIPv6Address, MacAddress } = JSON.parse(
            await docker.ok('inspect', '-f', `{{json .NetworkSettings.Networks.${network}}}`, network),
          )
          const lines = (await capture).stdout.split('\n').filter((line) => line.includes(MacAddress))
          return {
            arp: lines.filter(
              (line) =>
                line.includes(`who-has ${IPAddress} tell ${IPAddress}`) || line.includes(`Announcement ${IPAddress}`),
            ).length,
            na: lines.filter((line) => line.includes(`tgt is ${GlobalIPv6Address}`)).length,
          }
        }
        const nmsgs = (count: number) => option('com.docker.network.advertise_addr_nmsgs', String(count))
        const every = option('com.docker.network.advertise_addr_ms', '200')
        const [thrice, never] = await Promise.all([told('loud', ...nmsgs(3), ...every), told('mute', ...nmsgs(0))])
        assert.deepEqual({ thrice, never }, { thrice: { arp: 3, na: 3 }, never: { arp: 0, na: 0 } })
      },
    )
  },
  { timeoutMs: 120_000 },
)

test('what networks and the world outside may do to each other, by option', {
  skip: getuid?.() === 0 ? false : 'needs root',
  timeout: 120_000,
}, async (t) => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  const [address, outside] = lan.addresses as [string, string]
  await using _server = await httpWhoami(neighbour.namespace.path, outside, 8000)
  await withEngine(host, {}, async (engine) => {
    const { docker } = engine
    /** A network with a server that publishes one port of two, to which the neighbour knows the way. */
    const make = async (name: string, number: number, ...flags: string[]) => {
      await docker.ok('network', 'create', '--subnet', `10.${number}.0.0/24`, ...flags, name)
      await docker.ok('run', '-di', '--name', name, '--network', name, '-p', `80${number}:80`, 'busybox')
      await serve(engine, name, name)
      await engine.sh(name, 'httpd -p 81 -h /www')
      execFileSync('nsenter', [
        `--net=${neighbour.namespace.path}`,
        'ip',
        'route',
        'add',
        `10.${number}.0.0/24`,
        'via',
        address,
      ])
    }
    const reached = async (number: number) => ({
      published: await fetchFrom(neighbour, `http://${address}:80${number}/`),
      direct: await shortFetch(`http://10.${number}.0.2/`),
      other: await shortFetch(`http://10.${number}.0.2:81/`),
    })
    const shortFetch = async (url: string) => {
      const { code, stdout } = await neighbour.exec('curl', ['-sS', '--max-time', '1', url])
      return code === 0 ? stdout.trim() : 'no'
    }
    const seenAs = (name: string) => fetchIn(engine, name, `http://${outside}:8000/`)

    await t.test('gateway mode nat: the published port at the host’s address, nothing at the container’s', async () => {
      await make('nat', 51)
      assert.deepEqual(await reached(51), { published: 'nat', direct: 'no', other: 'no' })
      assert.equal(await seenAs('nat'), address)
    })

    await t.test('gateway mode nat-unprotected: every port at the container’s address as well', async () => {
      await make('open', 52, ...option('gateway_mode_ipv4', 'nat-unprotected'))
      assert.deepEqual(await reached(52), { published: 'open', direct: 'open', other: 'open' })
      assert.equal(await seenAs('open'), address)
    })

    await t.test(
      'gateway mode routed: the published port at the container’s address, which is seen outside',
      async () => {
        await make('routed', 53, ...option('gateway_mode_ipv4', 'routed'))
        assert.deepEqual(await reached(53), { published: 'curl: 7', direct: 'routed', other: 'no' })
        assert.equal(await seenAs('routed'), '10.53.0.2')
        assert.equal((await neighbour.exec('ping', ['-c', '1', '-W', '2', '10.53.0.2'])).code, 0, 'ICMP is open')
      },
    )

    await t.test('trusted_host_interfaces: who comes by them reaches published ports directly', async () => {
      await make('trusted', 54, ...option('trusted_host_interfaces', 'eth0:eth9'))
      assert.deepEqual(await reached(54), { published: 'trusted', direct: 'trusted', other: 'no' })
    })

    await t.test('enable_ip_masquerade=false: containers go out under their own address', async () => {
      await make('unmasked', 55, ...option('enable_ip_masquerade', 'false'))
      assert.equal(await seenAs('unmasked'), '10.55.0.2')
      assert.equal((await reached(55)).published, 'unmasked')
    })

    await t.test('host_ipv4: containers go out under that address', async () => {
      await host.execOk('ip', ['addr', 'add', '192.0.2.77/24', 'dev', 'eth0'])
      await make('sourced', 56, ...option('com.docker.network.host_ipv4', '192.0.2.77'))
      assert.equal(await seenAs('sourced'), '192.0.2.77')
    })

    await t.test('host_ipv6: containers go out under that address, and masquerade is the other way', async () => {
      await host.execOk('sh', ['-c', 'for a in 1 77; do ip addr add 2001:db8::$a/64 dev eth0 nodad; done'])
      await neighbour.execOk('ip', ['addr', 'add', '2001:db8::2/64', 'dev', 'eth0', 'nodad'])
      await using _six = await httpWhoami(neighbour.namespace.path, '2001:db8::2', 8006)
      const source = option('com.docker.network.host_ipv6', '2001:db8::77')
      await docker.ok('network', 'create', '--ipv6', '--subnet', 'fd57::/64', ...source, 'sourced6')
      await docker.ok('run', '-di', '--name', 'six', '--network', 'sourced6', 'busybox')
      await docker.ok('network', 'create', '--ipv6', '--subnet', 'fd58::/64', 'masked6')
      await docker.ok('run', '-di', '--name', 'seven', '--network', 'masked6', 'busybox')
      const ask = (name: string) => fetchIn(engine, name, 'http://[2001:db8::2]:8006/')
      assert.equal(await ask('six'), '2001:db8::77')
      assert.match(await ask('seven'), /^2001:db8::(1|77)$/)
    })
  })
})

test('allow-direct-routing: published ports, and no others, at the containers’ own addresses', {
  skip: getuid?.() === 0 ? false : 'needs root',
  timeout: 60_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  const via = ['route', 'add', '172.17.0.0/16', 'via', lan.addresses[0]!]
  execFileSync('nsenter', [`--net=${neighbour.namespace.path}`, 'ip', ...via])
  for (const direct of [true, false]) {
    await withEngine(host, { flags: [`--allow-direct-routing=${direct}`] }, async (engine) => {
      await engine.docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
      await serve(engine, 'web', 'direct')
      await engine.sh('web', 'httpd -p 81 -h /www')
      const reached = async (url: string) =>
        (await neighbour.exec('curl', ['-sS', '--max-time', '1', url])).stdout.trim() === 'direct'
      assert.deepEqual(
        {
          published: await reached(`http://${lan.addresses[0]}:8080/`),
          own: await reached('http://172.17.0.2/'),
          unpublished: await reached('http://172.17.0.2:81/'),
        },
        { published: true, own: direct, unpublished: false },
      )
    })
  }
})

test('bridge-accept-fwmark: what the administrator marks reaches every port, and nothing else does', {
  skip: getuid?.() === 0 ? false : 'needs root',
  timeout: 60_000,
}, async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts as [(typeof lan.hosts)[0], (typeof lan.hosts)[0]]
  const via = ['route', 'add', '172.16.0.0/12', 'via', lan.addresses[0]!]
  execFileSync('nsenter', [`--net=${neighbour.namespace.path}`, 'ip', ...via])
  await withEngine(host, { config: { 'bridge-accept-fwmark': '0x100/0xff00' } }, async (engine) => {
    await engine.docker.ok('run', '-di', '--name', 'web', '-p', '8080:80', 'busybox')
    await engine.docker.ok('network', 'create', '--internal', 'inner')
    await engine.docker.ok('run', '-di', '--name', 'inside', '--network', 'inner', 'busybox')
    await serve(engine, 'web', 'marked')
    await serve(engine, 'inside', 'inside', 81)
    await engine.sh('web', 'httpd -p 81 -h /www')
    const get = async (url: string) => (await neighbour.exec('curl', ['-sS', '--max-time', '1', url])).stdout.trim()
    const reached = async () => ({
      published: await get(`http://${lan.addresses[0]}:8080/`),
      unpublished: await get('http://172.17.0.2:81/'),
      internal: await get('http://172.18.0.2:81/'),
    })
    assert.deepEqual(await reached(), { published: 'marked', unpublished: '', internal: '' })
    const hook = 'chain c { type filter hook prerouting priority mangle; tcp dport 81 meta mark set 0x10155; }'
    await host.execOk('nft', [`table ip theirs { ${hook}; }`])
    assert.deepEqual(await reached(), { published: 'marked', unpublished: 'marked', internal: '' })
  })
})
