import assert from 'node:assert/strict'
import { groupFilesOf } from '../cgroup-files.ts'
import type { Engine } from '../engine-test.ts'
import { eventually } from '../eventually.ts'
import { pastEvents } from '../past-events.ts'

const patienceMs = 30_000
const small = ['-m', '24m', '--memory-swap', '24m']
const eat = 'dd if=/dev/zero of=/dev/null bs=64M count=1'

/** The container's events so far, without those of execs and of what was killed. */
async function told({ docker }: Engine): Promise<readonly string[]> {
  return pastEvents(docker, '{{.Action}}', 'event=oom', 'event=die', 'container=hungry', 'container=main')
}

/** A process that the kernel kills for its memory is told, whether the container ends or not. */
export async function runsOutOfMemory(engine: Engine): Promise<void> {
  const { docker, api, sh } = engine
  await docker.ok('run', '-di', '--name', 'hungry', ...small, 'busybox')
  const oomKilled = async () => (await api.getContainer('hungry').inspect()).State.OOMKilled
  assert.equal(await oomKilled(), false)
  assert.equal((await sh('hungry', eat)).code, 137)
  await eventually(oomKilled, true, patienceMs)
  assert.equal((await api.getContainer('hungry').inspect()).State.Running, true)
  await eventually(() => told(engine), ['oom'], patienceMs)
  const group = await groupFilesOf(docker, 'hungry')
  assert.ok(group.counter('memory', 'memory.oom_control', 'memory.events', 'oom_kill') > 0)

  assert.equal((await sh('hungry', eat)).code, 137)
  await eventually(() => told(engine), ['oom', 'oom'], patienceMs)

  await docker.ok('restart', '-t', '0', 'hungry')
  assert.equal(await oomKilled(), false, 'it is told of the present run')
  const main = await docker.run(['run', '--name', 'main', ...small, 'busybox', 'sh', '-c', `exec ${eat}`])
  assert.equal(main.code, 137)
  assert.equal((await api.getContainer('main').inspect()).State.OOMKilled, true)
  await eventually(() => told(engine), ['oom', 'oom', 'die', 'oom', 'die'], patienceMs)
}
