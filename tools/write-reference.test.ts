import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { daemonReference, renderDaemonReference } from './write-reference.ts'

test('docs/reference/daemon.md is what the table of options says: run node tools/write-reference.ts', () => {
  assert.equal(readFileSync(daemonReference, 'utf8'), renderDaemonReference())
})
