import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { type IncomingMessage, request } from 'node:http'
import { readJsonLines } from '../../src/client/json-lines.ts'
import type { StatsAnswer } from '../../src/protocol/stats.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

/** A stream of stats that somebody has asked for. */
interface StatsStream {
  readonly answer: IncomingMessage
  /** Taken as they come, once somebody asks for the first. */
  readonly lines: AsyncGenerator<StatsAnswer>
}

/** Asks for the stats of a container, and waits until they begin. */
function openStats({ daemon }: Engine, name: string): Promise<StatsStream> {
  const { promise, resolve, reject } = Promise.withResolvers<StatsStream>()
  const path = `/containers/${name}/stats`
  const outgoing = request({ socketPath: daemon.socket, path, agent: false }, (answer) => {
    answer.on('error', () => {}) // the test leaves it, or ends the engine
    resolve({ answer, lines: readJsonLines<StatsAnswer>(answer) })
  })
  outgoing.on('error', reject)
  outgoing.end()
  return promise
}

const descriptors = ({ daemon }: Engine): number => readdirSync(`/proc/${daemon.pid}/fd`).length
const idle = ['busybox', 'sleep', '1000']

engineTest('fifty streams that are dropped leave no socket and no descriptor', async (engine) => {
  const { docker } = engine
  for (const name of ['one', 'two']) await docker.ok('run', '-d', '--name', name, ...idle)
  await docker.ok('stats', '--no-stream') // what is opened once and kept is open now
  const before = descriptors(engine)
  const streams = await Promise.all(Array.from({ length: 50 }, (_, i) => openStats(engine, i % 2 ? 'one' : 'two')))
  for (const { lines } of streams) assert.equal((await lines.next()).done, false)
  assert.ok(descriptors(engine) >= before + 50)
  for (const { answer } of streams) answer.destroy()
  await eventually(async () => descriptors(engine) <= before, true)
})

engineTest('a stream goes on over the ends of a container, and ends with its removal', async (engine) => {
  const { docker } = engine
  await docker.ok('run', '-d', '--name', 'box', '--net', 'none', ...idle)
  const { lines } = await openStats(engine, 'box')
  const isRunning = async () => (await lines.next()).value?.pids_stats.current === 1
  await eventually(isRunning, true)
  await docker.ok('kill', 'box')
  await eventually(isRunning, false)
  await docker.ok('start', 'box')
  await eventually(isRunning, true)
  await docker.ok('rm', '-f', 'box')
  await eventually(async () => (await lines.next()).done, true)
})

engineTest('a network that is looked into ends with its container', async (engine) => {
  const { docker, host } = engine
  await docker.ok('run', '-d', '--name', 'box', ...idle)
  const cables = async () => (await host.ip('link')).filter(({ ifname }: any) => ifname.startsWith('veth')).length
  const { lines } = await openStats(engine, 'box')
  assert.deepEqual(Object.keys((await lines.next()).value?.networks ?? {}), ['eth0'])
  const before = await cables()
  await docker.ok('kill', 'box')
  await eventually(cables, before - 1)
  await docker.ok('start', 'box')
  await eventually(async () => Object.keys((await lines.next()).value?.networks ?? {}), ['eth0'])
  await lines.return(undefined)
})

engineTest(
  'kill -9 during a stream leaves nothing: the container runs on, and the next engine tells of it',
  async (engine) => {
    const { docker, daemon } = engine
    const id = await docker.ok('run', '-d', '--name', 'box', ...idle)
    const { answer, lines } = await openStats(engine, 'box')
    const first = (await lines.next()).value!
    const closed = new Promise((resolve) => answer.once('close', resolve))
    const rest = lines.next().catch(() => undefined)
    await daemon.kill9()
    await Promise.all([closed, rest])
    await daemon.start()
    assert.equal(await docker.ok('inspect', '-f', '{{.State.Running}}', 'box'), 'true')
    const again = (await (await openStats(engine, 'box')).lines.next()).value!
    assert.equal(again.id, id)
    assert.ok(again.cpu_stats.cpu_usage.total_usage >= first.cpu_stats.cpu_usage.total_usage)
  },
)
