import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { createDeferredSession } from './deferred-session.ts'
import type { Session } from './session.ts'

const streams = { stdin: true, stdout: true, stderr: true }

test('createDeferredSession() carries what was said before the container ran, and all that it says', async () => {
  const session = createDeferredSession(streams, false)
  session.stdin!.end('early words')
  const stdin = new PassThrough()
  const live = { stdout: new PassThrough(), stderr: new PassThrough(), stdin, closed: Promise.resolve() }
  session.connect({ ...live, [Symbol.dispose]() {} } satisfies Session)
  live.stdout.end('out')
  live.stderr.end('err')
  assert.deepEqual(await Promise.all([text(session.stdout), text(session.stderr!), text(stdin)]), [
    'out',
    'err',
    'early words',
  ])
})

test('createDeferredSession() ends for its client when the start fails', async () => {
  const session = createDeferredSession(streams, true)
  session.end()
  assert.deepEqual([await text(session.stdout), session.stderr], ['', undefined])
  await session.closed
})
