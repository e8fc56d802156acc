import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasGoMode } from '../../protocol/files.ts'
import { goFileMode, pathStat } from './path-stat.ts'

test('goFileMode() puts the type and the special bits where Go has them', () => {
  const modes = [0o100644, 0o040755, 0o120777, 0o104755, 0o041777, 0o020666, 0o060660, 0o010600, 0o140755]
  assert.deepEqual(
    modes.map((mode) => goFileMode(mode).toString(16)),
    ['1a4', '800001ed', '80001ff', '8001ed', '801001ff', '42001b6', '40001b0', '2000180', '10001ed'],
  )
  assert.deepEqual(
    [hasGoMode(goFileMode(0o041777), 'directory'), hasGoMode(goFileMode(0o100644), 'directory')],
    [true, false],
  )
})

test('pathStat() writes times to the nanosecond, also before 1970', () => {
  const found = { name: 'x', mode: 0o100644, size: 3, linkTarget: '' }
  const times = [0n, 1_700_000_000_120_000_000n, -1n].map((mtimeNs) => pathStat({ ...found, mtimeNs }).mtime)
  assert.deepEqual(times, ['1970-01-01T00:00:00Z', '2023-11-14T22:13:20.12Z', '1969-12-31T23:59:59.999999999Z'])
})
