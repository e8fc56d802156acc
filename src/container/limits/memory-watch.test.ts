import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { eventually } from '../../../test/support/eventually.ts'
import { silentLog } from '../../base/log.ts'
import { watchMemory } from './memory-watch.ts'

test('watchMemory() tells of each file that the supervisor makes, and of one from before', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-oom-'))
  const file = join(dir, 'oom')
  writeFileSync(file, '')
  let told = 0
  {
    using _ = watchMemory(dir, silentLog, () => void told++)
    assert.deepEqual([told, existsSync(file)], [1, false])
    writeFileSync(file, '')
    await eventually(async () => [told, existsSync(file)], [2, false])
  }
  writeFileSync(file, '')
  assert.equal(told, 2)
  rmSync(dir, { recursive: true })
})

test('watchMemory() has nothing to tell of a run whose directory is gone', () => {
  using _ = watchMemory('/nowhere/at/all', silentLog, () => assert.fail())
})
