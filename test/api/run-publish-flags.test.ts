import assert from 'node:assert/strict'
import { writeSysctl } from '../../src/kernel/sysctl.ts'
import { engineTest } from '../support/engine-test.ts'
import { askUdp, fetchFrom, fetchIn, serve, udpEcho } from '../support/web.ts'

const lines = (text: string): string[] => text.split('\n').filter(Boolean)

engineTest(
  'every form of -p, -P and --expose',
  async (engine, t) => {
    const { docker, host } = engine
    const portsOf = async (name: string) => lines(await docker.ok('port', name)).sort()
    const runs = (name: string, ...flags: string[]) => docker.ok('run', '-di', '--name', name, ...flags, 'busybox')

    await t.test('-p takes ports, addresses of both families, protocols and ranges', async () => {
      await runs(
        'p1',
        '-p',
        '8080:80',
        '-p',
        '127.0.0.1:8081:80',
        '-p',
        '[::1]:8082:80',
        '-p',
        '9000-9001:90-91',
        '-p',
        '53:53/udp',
      )
      assert.deepEqual(await portsOf('p1'), [
        '53/udp -> 0.0.0.0:53',
        '53/udp -> [::]:53',
        '80/tcp -> 0.0.0.0:8080',
        '80/tcp -> 127.0.0.1:8081',
        '80/tcp -> [::1]:8082',
        '80/tcp -> [::]:8080',
        '90/tcp -> 0.0.0.0:9000',
        '90/tcp -> [::]:9000',
        '91/tcp -> 0.0.0.0:9001',
        '91/tcp -> [::]:9001',
      ])
      await serve(engine, 'p1', 'one')
      for (const url of [
        'http://127.0.0.1:8080/',
        'http://172.17.0.1:8080/',
        'http://127.0.0.1:8081/',
        'http://[::1]:8082/',
      ]) {
        assert.equal(await fetchFrom(host, url), 'one', url)
      }
      assert.equal(await fetchFrom(host, 'http://172.17.0.1:8081/'), 'curl: 7')
      const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'p1')
      await using _echo = await udpEcho(path, 53)
      assert.match(await askUdp(host, '127.0.0.1', 53, 'hello'), / hello$/)
      const bound = (await host.execOk('ss', ['-Hltn'])).split('\n').map((line) => line.split(/ +/)[3])
      for (const socket of ['0.0.0.0:8080', '127.0.0.1:8081', '[::1]:8082']) {
        assert.ok(bound.includes(socket), `${socket} is held on the host: ${bound.join(' ')}`)
      }
    })

    await t.test('-p without a host port, and with a range for one port, takes a free one', async () => {
      await runs('p2', '-p', '80', '-p', '127.0.0.1::81')
      const [, any] = /80\/tcp -> 0\.0\.0\.0:(\d+)/.exec((await portsOf('p2')).join('\n'))!
      const [, local] = /81\/tcp -> 127\.0\.0\.1:(\d+)/.exec((await portsOf('p2')).join('\n'))!
      const [from, to] = (await host.execOk('cat', ['/proc/sys/net/ipv4/ip_local_port_range'])).split(/\s+/).map(Number)
      for (const port of [any, local].map(Number)) assert.ok(port >= from! && port <= to!, `${port}`)
      await serve(engine, 'p2', 'two')
      assert.equal(await fetchFrom(host, `http://127.0.0.1:${any}/`), 'two')
      await runs('p3', '-p', '8080-8090:80')
      assert.ok((await portsOf('p3')).includes('80/tcp -> 0.0.0.0:8083'), 'the first that is free on all addresses')
    })

    await t.test('-p in the long form', async () => {
      await runs('p4', '-p', 'published=8100,target=80,protocol=tcp', '-p', 'target=81,published=8101,protocol=udp')
      assert.deepEqual(
        (await portsOf('p4')).filter((line) => line.includes('0.0.0.0')),
        ['80/tcp -> 0.0.0.0:8100', '81/udp -> 0.0.0.0:8101'],
      )
      await serve(engine, 'p4', 'four')
      assert.equal(await fetchFrom(host, 'http://127.0.0.1:8100/'), 'four')
    })

    await t.test('-P publishes what is exposed, on free ports that the host does not reserve', async () => {
      writeSysctl(host.namespace, 'net.ipv4.ip_local_port_range', '40000 40007')
      writeSysctl(host.namespace, 'net.ipv4.ip_local_reserved_ports', '40000-40002,40004')
      await runs('p5', '-P', '--expose', '80', '--expose', '81/udp', '--expose', '90-91')
      const found = (await portsOf('p5')).filter((line) => line.includes('0.0.0.0'))
      assert.deepEqual(
        found.map((line) => line.split(' ')[0]),
        ['80/tcp', '81/udp', '90/tcp', '91/tcp'],
      )
      const ports = found.map((line) => Number(line.split(':').at(-1)))
      assert.ok(
        ports.every((port) => [40003, 40005, 40006, 40007].includes(port)),
        ports.join(' '),
      )
      await serve(engine, 'p5', 'five')
      assert.equal(await fetchFrom(host, `http://127.0.0.1:${ports[0]}/`), 'five')
    })

    await t.test('--expose alone opens nothing, and shows in ps', async () => {
      await runs('p6', '--expose', '80', '--expose', '7000-7001/udp')
      assert.equal(await docker.ok('ps', '--format', '{{.Ports}}', '-f', 'name=p6'), '80/tcp, 7000-7001/udp')
      assert.equal(await docker.ok('port', 'p6'), '')
      const ports = JSON.parse(await docker.ok('inspect', '-f', '{{json .NetworkSettings.Ports}}', 'p6'))
      assert.deepEqual(ports, { '7000/udp': null, '7001/udp': null, '80/tcp': null })
    })

    await t.test('ps, port and inspect tell of ports as Docker does', async () => {
      assert.equal(
        await docker.ok('ps', '--format', '{{.Ports}}', '-f', 'name=p4'),
        '0.0.0.0:8100->80/tcp, [::]:8100->80/tcp, 0.0.0.0:8101->81/udp, [::]:8101->81/udp',
      )
      assert.equal(await docker.ok('port', 'p4', '80'), '0.0.0.0:8100\n[::]:8100')
      assert.equal(await docker.ok('port', 'p4', '81/udp'), '0.0.0.0:8101\n[::]:8101')
      const { code, stderr } = await docker.run(['port', 'p4', '99'])
      assert.equal(code, 1)
      assert.match(stderr, /no public port '99' published for p4|No public port '99\/tcp' published for p4/i)
      const bindings = JSON.parse(await docker.ok('inspect', '-f', '{{json .HostConfig.PortBindings}}', 'p4'))
      assert.deepEqual(bindings['80/tcp'], [{ HostIp: '', HostPort: '8100' }])
    })

    await t.test('-p that cannot be is refused before anything is made', async () => {
      for (const bad of ['99999:80', '80:80/icmp', '8000-8001:80-82', '1.2.3:80:80', 'x:80']) {
        const { code } = await docker.run(['create', '-p', bad, 'busybox'])
        assert.notEqual(code, 0, bad)
      }
    })

    await t.test('-p is reached by containers of the same and of another network', async () => {
      await docker.ok('network', 'create', 'elsewhere')
      await runs('near')
      await runs('far', '--network', 'elsewhere')
      for (const name of ['near', 'far'])
        assert.equal(await fetchIn(engine, name, 'http://172.17.0.1:8080/'), 'one', name)
    })
  },
  { timeoutMs: 120_000, dockerClient: 28 },
)
