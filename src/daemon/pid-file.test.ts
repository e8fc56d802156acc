import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writePidFile } from './pid-file.ts'

test('writePidFile() names this process until it is disposed of, and gives way to one that runs', () => {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-pid-'))
  const path = join(dir, 'wharf.pid')
  try {
    for (const stale of ['', '4194305']) {
      writeFileSync(path, stale) // nobody's: beyond the kernel's largest
      using _ = writePidFile(path)
      assert.equal(readFileSync(path, 'utf8'), String(process.pid))
    }
    assert.equal(existsSync(path), false)
    writeFileSync(path, '1')
    assert.throws(() => writePidFile(path), { kind: 'conflict', message: /process with PID 1 is still running$/ })
    assert.equal(readFileSync(path, 'utf8'), '1')
    writePidFile('')[Symbol.dispose]()
  } finally {
    rmSync(dir, { recursive: true })
  }
})
