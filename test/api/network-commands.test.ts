import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { rawHttp } from '../support/raw-http.ts'

const queryOf = (filters: object) => `filters=${encodeURIComponent(JSON.stringify(filters))}`

engineTest('network ls: order, columns, formats and filters', async ({ docker, daemon }, t) => {
  const ask = rawHttp(daemon.socket)
  const id = await docker.ok(
    'network',
    'create',
    '--label',
    'team=a',
    '--label',
    'env',
    '--internal',
    '--ipv6',
    'net10',
  )
  for (const name of ['net9', 'net1', 'Net2']) await docker.ok('network', 'create', '--label', 'team=b', name)
  await docker.ok('run', '-di', '--name', 'user', '--network', 'net9', 'busybox')
  const list = async (...words: string[]) =>
    (await docker.ok('network', 'ls', '--format', '{{.Name}}', ...words)).split('\n').filter(Boolean)
  const named = async (filters: object) => {
    const { status, json } = await ask('GET', `/networks?${queryOf(filters)}`)
    return status === 200 ? json.map(({ Name }: { Name: string }) => Name).sort() : { status, message: json.message }
  }

  await t.test('network ls sorts names as people count', async () => {
    assert.deepEqual(await list(), ['Net2', 'bridge', 'host', 'net1', 'net9', 'net10', 'none'])
  })

  await t.test('network ls has its columns, -q and --no-trunc', async () => {
    const [head, ...rows] = (await docker.ok('network', 'ls')).split('\n')
    assert.match(head!, /^NETWORK ID +NAME +DRIVER +SCOPE *$/)
    assert.ok(rows.some((row) => row.startsWith(`${id.slice(0, 12)} `)))
    const short = (await docker.ok('network', 'ls', '-q')).split('\n')
    assert.ok(short.includes(id.slice(0, 12)) && short.length === 7)
    assert.ok((await docker.ok('network', 'ls', '-q', '--no-trunc')).split('\n').includes(id))
  })

  await t.test('network ls --format knows every placeholder, and json', async () => {
    const format = '{{.ID}}|{{.Name}}|{{.Driver}}|{{.Scope}}|{{.IPv4}}|{{.IPv6}}|{{.Internal}}|{{.Label "team"}}'
    const [line] = await list('--format', format, '-f', 'name=net10')
    assert.equal(line, `${id.slice(0, 12)}|net10|bridge|local|true|true|true|a`)
    const [labels] = await list('--format', '{{.Labels}}', '-f', 'name=net10')
    assert.deepEqual(labels!.split(',').sort(), ['env=', 'team=a'])
    const [created] = await list('--format', '{{.CreatedAt}}', '-f', 'name=net10')
    assert.match(created!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ [+-]\d{4}/)
    const [json] = await list('--format', 'json', '-f', 'name=net10')
    assert.partialDeepStrictEqual(JSON.parse(json!), {
      ...{ ID: id.slice(0, 12), Name: 'net10', Driver: 'bridge', Scope: 'local' },
      ...{ IPv4: 'true', IPv6: 'true', Internal: 'true' },
    })
  })

  await t.test('network ls filters by driver, id, name, label, scope, type and dangling', async () => {
    assert.deepEqual(await list('-f', 'driver=host', '-f', 'driver=null'), ['host', 'none'])
    assert.deepEqual(await list('-f', 'driver=hos'), [], 'drivers are compared whole')
    assert.deepEqual(await list('-f', `id=${id.slice(3, 20)}`), ['net10'], 'a part of an id will do')
    assert.deepEqual(await list('-f', 'name=et1'), ['net1', 'net10'], 'a part of a name will do')
    assert.deepEqual(await list('-f', 'name=^net1$'), ['net1'], 'names are regular expressions')
    assert.deepEqual(await list('-f', 'label=team'), ['Net2', 'net1', 'net9', 'net10'])
    assert.deepEqual(await list('-f', 'label=team=a', '-f', 'label=env'), ['net10'])
    assert.deepEqual(await list('-f', 'label=team=a', '-f', 'label=team=b'), [], 'labels must all be there')
    assert.equal((await list('-f', 'scope=local')).length, 7)
    assert.deepEqual(await list('-f', 'scope=global'), [])
    assert.deepEqual(await list('-f', 'type=builtin'), ['bridge', 'host', 'none'])
    assert.deepEqual(await list('-f', 'type=custom'), ['Net2', 'net1', 'net9', 'net10'])
    assert.deepEqual(await list('-f', 'dangling=true'), ['Net2', 'net1', 'net10'])
    assert.deepEqual(await list('-f', 'dangling=0'), ['bridge', 'host', 'net9', 'none'])
  })

  await t.test('filters with bad values have Docker’s codes and words', async () => {
    assert.deepEqual(await named({ type: ['x'] }), { status: 500, message: "invalid filter: 'type'='x'" })
    assert.deepEqual(await named({ dangling: ['true', 'false'] }), {
      status: 400,
      message: 'got more than one value for filter key "dangling"',
    })
    assert.deepEqual(await named({ dangling: ['maybe'] }), {
      status: 400,
      message: `invalid value for filter 'dangling', must be "true" (or "1"), or "false" (or "0")`,
    })
    assert.deepEqual(await named({ nonsense: ['x'] }), { status: 400, message: "invalid filter 'nonsense'" })
    assert.deepEqual((await ask('GET', '/networks?filters=%7B')).status, 400)
    assert.deepEqual(await named({ driver: { null: true } }), ['none'], 'the older form of filters')
    const prune = async (filters: object) => {
      const { status, json } = await ask('POST', `/networks/prune?${queryOf(filters)}`)
      return { status, message: json.message }
    }
    assert.deepEqual(await prune({ dangling: ['true'] }), { status: 400, message: "invalid filter 'dangling'" })
    assert.deepEqual(await prune({ until: ['1h', '2h'] }), {
      status: 400,
      message: 'more than one until filter specified',
    })
    assert.equal((await prune({ until: ['yesterday'] })).status, 400)
  })

  await t.test('network prune follows until and labels, and says what it removed', async () => {
    assert.equal(await docker.ok('network', 'prune', '-f', '--filter', 'until=1h'), '')
    assert.equal(await docker.ok('network', 'prune', '-f', '--filter', 'label!=team'), '')
    assert.equal(await docker.ok('network', 'prune', '-f', '--filter', 'label=team=a'), 'Deleted Networks:\nnet10\n')
    assert.deepEqual(await named({ type: ['custom'] }), ['Net2', 'net1', 'net9'])
    const { status, json } = await ask('POST', '/networks/prune')
    assert.deepEqual([status, json.NetworksDeleted.sort()], [200, ['Net2', 'net1']])
  })
})

engineTest('network inspect, rm, connect and disconnect, flag by flag', async ({ docker, daemon, host, sh }, t) => {
  const ask = rawHttp(daemon.socket)
  const ids = [await docker.ok('network', 'create', 'one'), await docker.ok('network', 'create', 'two')] as const
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  const devices = async () => (await sh('box', 'ls /sys/class/net')).stdout.trim().split('\n')

  await t.test('network inspect finds by id, by name and by the beginning of an id', async () => {
    for (const ref of [ids[0], 'one', ids[0].slice(0, 12)]) {
      assert.equal(await docker.ok('network', 'inspect', '-f', '{{.Name}} {{.Id}}', ref), `one ${ids[0]}`)
    }
    const both = JSON.parse(await docker.ok('network', 'inspect', 'one', 'two'))
    assert.deepEqual(
      both.map(({ Id }: { Id: string }) => Id),
      ids,
    )
    const partly = await docker.run(['network', 'inspect', 'one', 'nowhere'])
    assert.equal(partly.code, 1)
    assert.equal(JSON.parse(partly.stdout).length, 1)
    assert.match(partly.stderr, /network nowhere not found/)
  })

  await t.test('a name comes before the beginning of an id', async () => {
    const trap = ids[1].slice(0, 6)
    const id = await docker.ok('network', 'create', trap)
    assert.equal(await docker.ok('network', 'inspect', '-f', '{{.Id}}', trap), id)
    assert.equal(await docker.ok('network', 'rm', trap), trap)
  })

  await t.test('network inspect takes -v, --format json and scope', async () => {
    const verbose = JSON.parse(await docker.ok('network', 'inspect', '-v', 'one'))
    assert.deepEqual(verbose, JSON.parse(await docker.ok('network', 'inspect', 'one')), 'there are no services')
    assert.equal(JSON.parse(await docker.ok('network', 'inspect', '-f', 'json', 'one'))[0].Id, ids[0])
    assert.equal((await ask('GET', '/networks/one?scope=local')).status, 200)
    assert.equal((await ask('GET', '/networks/one?scope=swarm')).status, 404)
    assert.deepEqual(
      await ask('GET', '/networks/one?verbose=maybe').then(({ status, json }) => [status, json.message]),
      [400, 'invalid value for verbose: maybe: strconv.ParseBool: parsing "maybe": invalid syntax'],
    )
  })

  await t.test('the answers of connect, disconnect and rm have Docker’s codes, and nothing in them', async () => {
    const connected = await ask('POST', '/networks/one/connect', { Container: 'box' })
    assert.deepEqual([connected.status, connected.text], [200, ''])
    assert.deepEqual(await devices(), ['eth0', 'eth1', 'lo'])
    const left = await ask('POST', '/networks/one/disconnect', { Container: 'box' })
    assert.deepEqual([left.status, left.text], [200, ''])
    assert.deepEqual(await devices(), ['eth0', 'lo'])
    assert.equal((await ask('POST', '/networks/create', { Name: 'brief' })).status, 201)
    const removed = await ask('DELETE', '/networks/brief')
    assert.deepEqual([removed.status, removed.text], [204, ''])
  })

  await t.test(
    'connect takes addresses of both families, aliases, link-local addresses, options and a priority',
    async () => {
      await docker.ok('network', 'create', '--subnet', '10.77.0.0/24', '--ipv6', '--subnet', 'fd77::/64', 'dual')
      const flags = ['--ip', '10.77.0.9', '--ip6', 'fd77::9', '--alias', 'nine,neuf', '--alias', 'nueve']
      const more = ['--link-local-ip', '169.254.7.9', '--gw-priority', '7']
      const sysctl = 'com.docker.network.endpoint.sysctls=net.ipv4.conf.IFNAME.log_martians=1'
      await docker.ok('network', 'connect', ...flags, ...more, '--driver-opt', sysctl, 'dual', 'box')
      const { stdout } = await sh('box', 'ip addr show eth1')
      for (const cidr of ['10.77.0.9/24', 'fd77::9/64', '169.254.7.9/16']) assert.ok(stdout.includes(` ${cidr} `), cidr)
      assert.equal((await sh('box', 'cat /proc/sys/net/ipv4/conf/eth1/log_martians')).stdout, '1\n')
      assert.match((await sh('box', 'ip route show default')).stdout, /via 10\.77\.0\.1 dev eth1/)
      await docker.ok('run', '-di', '--name', 'peer', '--network', 'dual', 'busybox')
      for (const name of ['nine', 'neuf', 'nueve']) {
        assert.match((await sh('peer', `nslookup -type=a ${name}`)).stdout, /Address: 10\.77\.0\.9/)
      }
      const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'peer')
      assert.equal(
        (await host.exec('nsenter', [`--net=${path}`, 'ping', '-6', '-c', '1', '-W', '2', 'fd77::9'])).code,
        0,
      )
      await docker.ok('network', 'disconnect', 'dual', 'box')
      assert.match((await sh('box', 'ip route show default')).stdout, /via 172\.17\.0\.1 dev eth0/)
    },
  )

  await t.test('a container that does not run is connected and disconnected on record', async () => {
    await docker.ok('create', '-i', '--name', 'idle', '--network', 'one', 'busybox')
    await docker.ok('network', 'connect', 'two', 'idle')
    await docker.ok('network', 'disconnect', 'one', 'idle')
    const networks = async () =>
      JSON.parse(await docker.ok('inspect', '-f', '{{json .NetworkSettings.Networks}}', 'idle'))
    assert.deepEqual(Object.keys(await networks()), ['two'])
    assert.equal((await networks()).two.IPAddress, '')
    await docker.ok('network', 'rm', 'two')
    const { code, stderr } = await docker.run(['network', 'disconnect', 'two', 'idle'])
    assert.deepEqual([code, stderr], [0, ''], 'also of one that is gone')
    assert.deepEqual(await networks(), {})
    await docker.ok('network', 'create', 'two')
  })

  await t.test('disconnect -f takes off whoever is known, and names who is not', async () => {
    await docker.ok('network', 'connect', 'one', 'box')
    await docker.ok('network', 'disconnect', '-f', 'one', 'box')
    assert.deepEqual(await devices(), ['eth0', 'lo'])
    const { code, stderr } = await docker.run(['network', 'disconnect', '-f', 'one', 'ghost'])
    assert.deepEqual([code, stderr.trim()], [1, 'Error response from daemon: endpoint ghost not found'])
  })

  await t.test('network rm tries all, prints what it removed, and -f forgives those that are not there', async () => {
    const partly = await docker.run(['network', 'rm', 'one', 'nowhere', 'two'])
    assert.deepEqual([partly.code, partly.stdout], [1, 'one\ntwo\n'])
    assert.match(partly.stderr, /network nowhere not found/)
    assert.equal((await docker.run(['network', 'rm', '-f', 'nowhere'])).code, 0)
    await eventually(
      async () => (await host.ip('link', 'show', 'type', 'bridge')).length,
      2, // docker0 and that of dual
    )
  })
})
