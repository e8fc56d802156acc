import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mountSource, readUploadLine } from './upload-log.ts'

const digest = `sha256:${'1'.repeat(64)}`
const debug = (words: string) => `time="2026-01-01T00:00:00Z" level=debug msg=${JSON.stringify(words)}`

test('readUploadLine() tells of layers that are begun, there, and sent, and passes over the rest', () => {
  const lines = [
    `Checking if we can reuse blob ${digest}: general substitution = true, compression for MIME type "x" = true`,
    `Checking /v2/p/blobs/${digest}`,
    `Skipping blob ${digest} (already present):`,
    `Upload of layer ${digest} complete`,
  ]
  assert.deepEqual(
    lines.map((line) => readUploadLine(debug(line), 'team/base')),
    [{ what: 'begun', digest }, undefined, { what: 'exists', digest, mountedFrom: 'team/base' }, { what: 'sent' }],
  )
  assert.equal(mountSource(debug(`Trying to mount /v2/p/blobs/uploads/?from=team%2Fbase&mount=${digest}`)), 'team/base')
  assert.equal(mountSource(debug(`Checking /v2/p/blobs/${digest}`)), undefined)
})
