import assert from 'node:assert/strict'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { groupFilesOf, isUnified } from '../support/cgroup-files.ts'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { runsOutOfMemory } from '../support/limit-scenes/memory.ts'

const patienceMs = 30_000
const small = ['-m', '24m', '--memory-swap', '24m']
const eat = 'dd if=/dev/zero of=/dev/null bs=64M count=1'

engineTest('a process that the kernel kills for its memory is told, whether the container ends or not', runsOutOfMemory)

engineTest('memory that ran out while no engine ran is told by the next one', async (engine) => {
  const { docker, daemon, api } = engine
  const dir = mkdtempSync(join(daemon.root, 'share-'))
  const wait = 'while [ ! -e /share/go ]; do sleep 0.1; done;'
  await docker.ok(
    'run',
    '-d',
    '--name',
    'lives',
    '-v',
    `${dir}:/share`,
    ...small,
    'busybox',
    'sh',
    '-c',
    `${wait} ${eat}; sleep 1000`,
  )
  await docker.ok(
    'run',
    '-d',
    '--name',
    'ends',
    '-v',
    `${dir}:/share`,
    ...small,
    'busybox',
    'sh',
    '-c',
    `${wait} exec ${eat}`,
  )
  const group = await groupFilesOf(docker, 'lives')
  await daemon.kill9()
  writeFileSync(join(dir, 'go'), '')
  const killed = async () => group.counter('memory', 'memory.oom_control', 'memory.events', 'oom_kill') > 0
  await eventually(killed, true, patienceMs)
  await daemon.start()
  const seen = async () =>
    Promise.all(
      ['lives', 'ends'].map(async (name) => {
        const { State } = await api.getContainer(name).inspect()
        return [State.OOMKilled, State.Running]
      }),
    )
  await eventually(
    seen,
    [
      [true, true],
      [true, false],
    ],
    patienceMs,
  )
})

engineTest('--oom-kill-disable lets a container wait for memory, where the kernel can', async ({ docker, sh }) => {
  await docker.ok('run', '-di', '--name', 'box', ...small, '--oom-kill-disable', 'busybox')
  const group = await groupFilesOf(docker, 'box')
  if (isUnified) return
  assert.equal(group.counter('memory', 'memory.oom_control', '', 'oom_kill_disable'), 1)
  let ended: unknown
  const eater = sh('box', eat).then((finished) => {
    ended = finished // told when it ends instead of waiting
    return finished
  })
  const waits = async () => [group.counter('memory', 'memory.oom_control', '', 'under_oom'), ended]
  await eventually(waits, [1, undefined], patienceMs)
  await docker.ok('update', '-m', '256m', '--memory-swap', '256m', 'box')
  assert.equal((await eater).code, 0)
})
