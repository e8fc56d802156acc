import assert from 'node:assert/strict'
import { appendFileSync, existsSync, linkSync, mkdtempDisposableSync, renameSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LogEntry, LogOptions } from '../containers.ts'
import { findTail } from './log-tail.ts'
import { type LogReading, readLogs } from './read-logs.ts'

const everything: LogOptions = {
  stdout: true,
  stderr: true,
  follow: false,
  tail: Infinity,
  sinceMs: 0,
  untilMs: Infinity,
}
const never = new AbortController().signal

function line(second: number, stream: string, flag: string, text: string): string {
  return `2026-11-21T09:00:${String(second).padStart(2, '0')}.000000000+00:00 ${stream} ${flag} ${text}\n`
}

const sample =
  line(1, 'stdout', 'F', 'one') +
  line(2, 'stderr', 'F', 'two') +
  line(3, 'stdout', 'P', 'thr') +
  line(3, 'stdout', 'F', 'ee') +
  line(4, 'stdout', 'P', 'four')

async function* eachLine(reading: LogReading): AsyncGenerator<LogEntry> {
  for await (const entries of readLogs(reading)) yield* entries
}

async function read(text: string, options: Partial<LogOptions>): Promise<string> {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-logs-'))
  const path = join(dir.path, 'log')
  writeFileSync(path, text)
  const entries = await Array.fromAsync(
    eachLine({ path, maxFiles: 1, options: { ...everything, ...options }, ended: undefined, signal: never }),
  )
  return entries.map(({ bytes }) => Buffer.from(bytes).toString()).join('')
}

test('readLogs() reads everything, parts joined to lines', async () => {
  assert.equal(await read(sample, {}), 'one\ntwo\nthree\nfour')
})

test('readLogs() keeps to streams, tail and times', async () => {
  const at = (second: number) => Date.parse(`2026-11-21T09:00:0${second}Z`)
  assert.equal(await read(sample, { stderr: false }), 'one\nthree\nfour')
  assert.equal(await read(sample, { stdout: false }), 'two\n')
  assert.equal(await read(sample, { tail: 0 }), '')
  assert.equal(await read(sample, { tail: 1 }), 'four')
  assert.equal(await read(sample, { tail: 2 }), 'three\nfour')
  assert.equal(await read(sample, { tail: 3 }), 'two\nthree\nfour')
  assert.equal(await read(sample, { tail: 99 }), 'one\ntwo\nthree\nfour')
  assert.equal(await read(sample, { sinceMs: at(3) }), 'three\nfour')
  assert.equal(await read(sample, { untilMs: at(2) }), 'one\ntwo\n')
  assert.equal(await read('', { tail: 5 }), '')
})

test('readLogs() takes a missing file for an empty log', async () => {
  const reading = eachLine({ path: '/no/such/log', maxFiles: 1, options: everything, ended: undefined, signal: never })
  assert.deepEqual(await Array.fromAsync(reading), [])
})

test('findTail() finds the same line from the end as counting from the start does', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-logs-'))
  const path = join(dir.path, 'log')
  const lines = Array.from({ length: 3000 }, (_, i) => line(i % 60, 'stdout', 'F', 'x'.repeat((i * 7919) % 300)))
  writeFileSync(path, lines.join(''))
  await using file = await open(path)
  for (const tail of [1, 2, 100, 999, 2999, 3000, 4000]) {
    const expected = lines.slice(0, Math.max(0, lines.length - tail)).join('').length
    assert.deepEqual(await findTail([file], tail), { file: 0, offset: expected }, `tail ${tail}`)
  }
})

test('readLogs() follows what is written, also in halves of a line, until the container ends', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-logs-'))
  const path = join(dir.path, 'log')
  writeFileSync(path, line(1, 'stdout', 'F', 'one'))
  const ended = Promise.withResolvers<void>()
  const reading = eachLine({
    path,
    maxFiles: 1,
    options: { ...everything, follow: true },
    ended: ended.promise,
    signal: never,
  })
  const next = async () => Buffer.from((await reading.next()).value?.bytes ?? []).toString()
  assert.equal(await next(), 'one\n')
  const second = line(2, 'stdout', 'F', 'two')
  const waiting = next()
  appendFileSync(path, second.slice(0, 20))
  appendFileSync(path, second.slice(20))
  assert.equal(await waiting, 'two\n')
  appendFileSync(path, line(3, 'stderr', 'F', 'three'))
  ended.resolve()
  assert.equal(await next(), 'three\n')
  assert.equal((await reading.next()).done, true)
})

test('readLogs() stops following when its client goes', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-logs-'))
  const path = join(dir.path, 'log')
  writeFileSync(path, '')
  const client = new AbortController()
  const reading = eachLine({
    path,
    maxFiles: 1,
    options: { ...everything, follow: true },
    ended: new Promise(() => {}),
    signal: client.signal,
  })
  const waiting = reading.next()
  client.abort()
  assert.equal((await waiting).done, true)
})

test('readLogs() reads files that were put aside before the one that is written, and each only once', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-logs-'))
  const path = join(dir.path, 'log')
  writeFileSync(`${path}.2`, line(1, 'stdout', 'F', 'one') + line(2, 'stdout', 'F', 'two'))
  writeFileSync(`${path}.1`, line(3, 'stdout', 'P', 'thr'))
  writeFileSync(path, line(3, 'stdout', 'F', 'ee') + line(4, 'stdout', 'F', 'four'))
  linkSync(path, `${path}.0`)
  const tail = async (lines: number) => {
    const options = { ...everything, tail: lines }
    const entries = await Array.fromAsync(eachLine({ path, maxFiles: 3, options, ended: undefined, signal: never }))
    return entries.map(({ bytes }) => Buffer.from(bytes).toString()).join('')
  }
  assert.equal(await tail(Infinity), 'one\ntwo\nthree\nfour\n')
  assert.equal(await tail(1), 'four\n')
  assert.equal(await tail(2), 'three\nfour\n')
  assert.equal(await tail(3), 'two\nthree\nfour\n')
  assert.equal(await tail(9), 'one\ntwo\nthree\nfour\n')
})

test('readLogs() follows over files that are put aside meanwhile, also several at once', async () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-logs-'))
  const path = join(dir.path, 'log')
  writeFileSync(path, line(1, 'stdout', 'F', 'one'))
  const ended = Promise.withResolvers<void>()
  const options = { ...everything, follow: true }
  const reading = eachLine({ path, maxFiles: 4, options, ended: ended.promise, signal: never })
  const next = async () => Buffer.from((await reading.next()).value?.bytes ?? []).toString()
  const rotate = () => {
    for (const number of [2, 1])
      if (existsSync(`${path}.${number}`)) renameSync(`${path}.${number}`, `${path}.${number + 1}`)
    renameSync(path, `${path}.1`)
    writeFileSync(path, '')
  }
  assert.equal(await next(), 'one\n')
  const waiting = next()
  appendFileSync(path, line(2, 'stdout', 'F', 'two'))
  rotate()
  assert.equal(await waiting, 'two\n')
  appendFileSync(path, line(3, 'stdout', 'F', 'three'))
  rotate()
  appendFileSync(path, line(4, 'stdout', 'F', 'four'))
  rotate()
  appendFileSync(path, line(5, 'stdout', 'F', 'five'))
  assert.deepEqual([await next(), await next(), await next()], ['three\n', 'four\n', 'five\n'])
  ended.resolve()
  assert.equal((await reading.next()).done, true)
})
