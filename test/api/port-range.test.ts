import assert from 'node:assert/strict'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { fetchFrom, serve, udpEcho } from '../support/web.ts'

/** How many sockets hold ports of the range on the host. */
async function heldSockets({ host }: Engine, protocol: 'tcp' | 'udp'): Promise<number> {
  const list = protocol === 'tcp' ? '-Hlnt' : '-Hlnu'
  const lines = await host.execOk('ss', [list, 'sport >= 20000 and sport <= 29999'])
  return lines.split('\n').filter(Boolean).length
}

/** The members of a map of our table, as nft says them. */
async function members({ host }: Engine, map: string): Promise<string[]> {
  const text = await host.execOk('nft', ['list', 'map', 'inet', 'wharf', map])
  const [, list = ''] = /elements = \{([^}]*)\}/s.exec(text) ?? []
  return list
    .split(',')
    .map((member) => member.trim().replace(/ comment "[^"]*"/, ''))
    .filter(Boolean)
}

engineTest(
  '-p with 10 000 ports of one range is one rule and one socket for each port, and can be taken apart',
  async (engine) => {
    const { docker, wharf, host, daemon } = engine
    await docker.ok('run', '-di', '--name', 'web', '-p', '20000-29999:20000-29999', 'busybox')
    const address = (await docker.ok('inspect', '-f', '{{.NetworkSettings.IPAddress}}', 'web')).trim()
    const reached = (port: number) =>
      Promise.all(['127.0.0.1', '[::1]'].map((at) => fetchFrom(host, `http://${at}:${port}/`)))
    for (const port of [20_000, 25_000, 29_999]) await serve(engine, 'web', 'in range', port)
    const whole = [`tcp . 0.0.0.0/0 . 20000-29999 : ${address}`]
    assert.deepEqual(await members(engine, 'published4_range'), whole)
    assert.deepEqual(await members(engine, 'published4_any'), [])
    assert.equal(await heldSockets(engine, 'tcp'), 10_000)
    for (const port of [20_000, 29_999]) assert.deepEqual(await reached(port), ['in range', 'in range'])
    assert.equal((await docker.ok('port', 'web')).trim().split('\n').length, 20_000)
    assert.match(await docker.ok('ps', '--format', '{{.Ports}}'), /0\.0\.0\.0:20000-29999->20000-29999\/tcp/)

    await daemon.kill9()
    assert.deepEqual(await reached(25_000), ['in range', 'in range'], 'while there is no daemon')
    await daemon.start()
    assert.deepEqual(await members(engine, 'published4_range'), whole)
    assert.equal(await heldSockets(engine, 'tcp'), 10_000)

    await wharf.ok('port', 'rm', 'web', '25000')
    assert.deepEqual((await members(engine, 'published4_range')).toSorted(), [
      `tcp . 0.0.0.0/0 . 20000-24999 : ${address}`,
      `tcp . 0.0.0.0/0 . 25001-29999 : ${address}`,
    ])
    assert.deepEqual(await reached(25_000), ['curl: 7', 'curl: 7'])
    assert.deepEqual(await reached(29_999), ['in range', 'in range'])

    await docker.ok('stop', '-t', '0', 'web')
    assert.deepEqual(await members(engine, 'published4_range'), [])
    assert.equal(await heldSockets(engine, 'tcp'), 0)
  },
  { timeoutMs: 120_000 },
)

engineTest(
  'a range that clashes with a program of the host in one port is refused at once, and nothing of it is left',
  async (engine) => {
    const { docker, wharf, host } = engine
    await docker.ok('run', '-di', '--name', 'web', 'busybox')
    const pid = (await docker.ok('inspect', '-f', '{{.State.Pid}}', 'web')).trim()
    const add = () => wharf.run(['port', 'add', 'web', '20000-29999:20000-29999/udp'])
    {
      await using _ = await udpEcho(host.namespace.path, 25_500)
      const { code, stderr } = await add()
      assert.equal(code, 1)
      assert.match(stderr, /failed to bind host port 0\.0\.0\.0:25500\/udp: address already in use/)
      assert.equal(await heldSockets(engine, 'udp'), 1, 'only the program’s own')
      assert.deepEqual(await members(engine, 'published4_range'), [])
      assert.equal((await docker.ok('port', 'web')).trim(), '')
    }
    await using _ = await udpEcho(`/proc/${pid}/ns/net`, 25_500)
    assert.equal((await add()).code, 0)
    assert.equal(await heldSockets(engine, 'udp'), 10_000)
    const ask = `exec 3<>/dev/udp/127.0.0.1/25500; echo hello >&3; timeout 2 head -c 5 <&3 >/dev/null && echo answered`
    assert.equal((await host.execOk('bash', ['-c', ask])).trim(), 'answered')
    await docker.ok('rm', '-f', 'web')
    assert.equal(await heldSockets(engine, 'udp'), 0)
  },
  { timeoutMs: 120_000 },
)
