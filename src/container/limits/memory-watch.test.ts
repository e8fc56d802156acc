import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { silentLog } from '../../base/log.ts'
import { MemoryWatch } from './memory-watch.ts'

function place() {
  const runDir = mkdtempSync(join(tmpdir(), 'wharf-oom-'))
  return { runDir, [Symbol.dispose]: () => rmSync(runDir, { recursive: true }) }
}

test('MemoryWatch tells of each file that the supervisor makes, and of one from before', async () => {
  using at = place()
  const file = join(at.runDir, 'oom')
  writeFileSync(file, '')
  let told = 0
  using watch = new MemoryWatch({ ...at, eventsFile: undefined, told: false }, silentLog, () => void told++)
  assert.deepEqual([told, existsSync(file)], [1, false])
  writeFileSync(file, '')
  await eventually(async () => [told, existsSync(file)], [2, false])
  watch.look()
  assert.equal(told, 2)
})

test('MemoryWatch tells when version 2 counts more kills than were told', async () => {
  using at = place()
  const eventsFile = join(at.runDir, 'memory.events')
  const count = (kills: number) => writeFileSync(eventsFile, `max 5\noom 1\noom_kill ${kills}\n`)
  count(2)
  let told = 0
  const open = (before: boolean) => new MemoryWatch({ ...at, eventsFile, told: before }, silentLog, () => void told++)
  {
    using _ = open(true)
    assert.equal(told, 0)
    count(3)
    await eventually(async () => told, 1)
  }
  using watch = open(false)
  assert.equal(told, 2)
  rmSync(eventsFile)
  writeFileSync(join(at.runDir, 'oom'), '') // the group is gone: the supervisor's word is left
  watch.look()
  assert.equal(told, 2)
})

test('MemoryWatch has nothing to tell of a run whose directory is gone', () => {
  const gone = { runDir: '/nowhere/at/all', eventsFile: undefined, told: false }
  using _ = new MemoryWatch(gone, silentLog, () => assert.fail())
})
