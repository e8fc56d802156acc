import assert from 'node:assert/strict'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { rawHttp } from '../support/raw-http.ts'
import { fetchFrom, type Helper, runHelper, serve } from '../support/web.ts'

const prefix = 'com.docker.network.bridge.'
const option = (key: string, value: string): string[] => ['-o', `${key.includes('.') ? '' : prefix}${key}=${value}`]

/** Makes a network and hears all that is announced on it. */
async function listenTo({ docker, host }: Engine, network: string, ...flags: string[]): Promise<Helper> {
  const id = await docker.ok('network', 'create', '--ipv6', ...flags, network)
  const filter = '(arp and ether broadcast) or (icmp6 and ip6[40] == 136 and dst ff02::1)'
  const words = ['-i', `br-${id.slice(0, 12)}`, '-nle', '--immediate-mode', filter]
  return await runHelper(
    host.namespace.path,
    `const c = require('node:child_process').spawn('tcpdump', ${JSON.stringify(words)}, { stdio: ['ignore', 'pipe', 'pipe'] })
     c.stderr.on('data', (d) => String(d).includes('listening on') && console.log('ready'))
     c.stdout.on('data', (d) => process.stdout.write(d))
     process.on('exit', () => c.kill())`,
  )
}

/** How often the addresses of a container were announced. */
async function announcements({ docker }: Engine, container: string, { output }: Helper) {
  const { IPAddress, GlobalIPv6Address, MacAddress } = JSON.parse(
    await docker.ok('inspect', '-f', `{{json .NetworkSettings.Networks.${container}}}`, container),
  )
  const lines = output.split('\n').filter((line) => line.includes(MacAddress))
  const isArp = (line: string) =>
    line.includes(`who-has ${IPAddress} tell ${IPAddress}`) || line.includes(`Announcement ${IPAddress}`)
  return {
    arp: lines.filter(isArp).length,
    na: lines.filter((line) => line.includes(`tgt is ${GlobalIPv6Address}`)).length,
  }
}

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
      // In quotes: docker takes the value of the flag for a list, parted by commas.
      const endpoint = (key: string, value: string) => ['--driver-opt', `"com.docker.network.endpoint.${key}=${value}"`]
      await docker.ok('run', '-di', '--name', 'e1', 'busybox')
      const sysctls = 'net.ipv4.conf.IFNAME.log_martians=1,net.ipv4.conf.IFNAME.rp_filter=2'
      const mac = '02:00:00:00:00:41'
      const options = [...endpoint('sysctls', sysctls), ...endpoint('ifname', 'wan0'), ...endpoint('macaddress', mac)]
      await docker.ok('network', 'connect', ...options, 'plain', 'e1')
      assert.match((await sh('e1', 'ip link show wan0')).stdout, new RegExp(`link/ether ${mac}`))
      const { stdout } = await sh('e1', 'cd /proc/sys/net/ipv4/conf/wan0; cat log_martians rp_filter')
      assert.equal(stdout, '1\n2\n')
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
      assert.deepEqual(await refusal('name', 'lo'), [500, 'existing interface lo is not a bridge'])
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
        const nmsgs = (count: number) => option('com.docker.network.advertise_addr_nmsgs', String(count))
        const every = option('com.docker.network.advertise_addr_ms', '200')
        await using mute = await listenTo(engine, 'mute', ...nmsgs(0))
        await using loud = await listenTo(engine, 'loud', ...nmsgs(3), ...every)
        for (const name of ['mute', 'loud']) await docker.ok('run', '-di', '--name', name, '--network', name, 'busybox')
        await eventually(() => announcements(engine, 'loud', loud), { arp: 3, na: 3 })
        await new Promise((resolve) => setTimeout(resolve, 500)) // for one too many
        assert.deepEqual(
          [await announcements(engine, 'loud', loud), await announcements(engine, 'mute', mute)],
          [
            { arp: 3, na: 3 },
            { arp: 0, na: 0 },
          ],
        )
      },
    )
  },
  { timeoutMs: 120_000 },
)
