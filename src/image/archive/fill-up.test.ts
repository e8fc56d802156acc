import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { test } from 'node:test'
import { fillUp } from './fill-up.ts'

const filled = (archive: Buffer) =>
  buffer(Readable.from([archive.subarray(0, 700), archive.subarray(700)]).pipe(fillUp()))

test('fillUp() fills the last block of an archive, and mends no other cut', async () => {
  using dir = mkdtempDisposableSync('/tmp/wharf-fill-')
  writeFileSync(`${dir.path}/a`, 'a'.repeat(600))
  const whole = execFileSync('tar', ['-C', dir.path, '-cf', '-', 'a'])
  assert.deepEqual(await filled(whole.subarray(0, 512 + 600)), whole.subarray(0, 512 + 1024))
  for (const length of [0, 100, 512, 512 + 599, 512 + 1024, whole.length]) {
    assert.deepEqual(await filled(whole.subarray(0, length)), whole.subarray(0, length), `${length}`)
  }
  const noise = Buffer.alloc(1300, 'x')
  assert.deepEqual(await filled(noise), noise)
})
