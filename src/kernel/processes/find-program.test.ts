import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { findProgram } from './find-program.ts'

test('findProgram() takes the first directory with a file of that name that may be run', () => {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-programs-'))
  try {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => join(dir, name)) as [string, string, string]
    mkdirSync(join(a, 'tool'), { recursive: true }) // a directory may be entered, not run
    for (const place of [b, c]) {
      mkdirSync(place)
      writeFileSync(join(place, 'tool'), '')
    }
    chmodSync(join(c, 'tool'), 0o755)

    const path = `relative::${a}:${b}:${c}`
    assert.equal(findProgram('tool', path), join(c, 'tool'))
    assert.equal(findProgram('other', path), undefined)
    assert.equal(findProgram(join(c, 'tool'), path), join(c, 'tool'))
    assert.equal(findProgram(join(b, 'tool'), path), undefined)
  } finally {
    rmSync(dir, { recursive: true })
  }
})
