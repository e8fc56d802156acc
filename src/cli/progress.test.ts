import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { ProgressMessage } from '../protocol/image.ts'
import { ExitError } from './errors.ts'
import { printProgress } from './progress.ts'

const pull: readonly ProgressMessage[] = [
  { status: 'Pulling from big', id: 'v1' },
  { status: 'Pulling fs layer', id: 'aaa', progressDetail: {} },
  { status: 'Pulling fs layer', id: 'bbb', progressDetail: {} },
  { status: 'Downloading', id: 'aaa', progressDetail: { current: 557_056, total: 62_930_000 } },
  { status: 'Downloading', id: 'bbb', progressDetail: { current: 31_467_000, total: 62_930_000 } },
  { status: 'Pull complete', id: 'aaa', progressDetail: {} },
  { status: 'Digest: sha256:1' },
]

async function* stream(messages: readonly ProgressMessage[]): AsyncGenerator<ProgressMessage> {
  yield* messages
}

async function shown(messages: readonly ProgressMessage[], columns?: number): Promise<string> {
  const output = Object.assign(new PassThrough(), columns === undefined ? {} : { isTTY: true, columns })
  await printProgress(stream(messages), output)
  output.end()
  return await text(output)
}

test('printProgress() prints each state once when nobody watches', async () => {
  const lines = [
    'v1: Pulling from big',
    'aaa: Pulling fs layer',
    'bbb: Pulling fs layer',
    'aaa: Pull complete',
    'Digest: sha256:1',
  ]
  assert.equal(await shown(pull), `${lines.join('\n')}\n`)
})

test('printProgress() rewrites the line of a layer on a terminal', async () => {
  // What the terminal shows in the end, by a terminal that knows up, down, erase and return.
  const screen: string[] = ['']
  let row = 0
  for (const [, up, down, erase, end, words] of (await shown(pull, 80)).matchAll(
    /\x1b\[(\d+)A|\x1b\[(\d+)B|(\x1b\[K)|(\r|\n)|([^\x1b\r\n]+)/g,
  )) {
    if (up !== undefined) row -= Number(up)
    else if (down !== undefined) row += Number(down)
    else if (end === '\n') screen[++row] ??= ''
    else if (words !== undefined) screen[row] = words
    else assert(erase !== undefined || end === '\r')
  }
  assert.deepEqual(screen, [
    'v1: Pulling from big',
    'aaa: Pull complete',
    'bbb: Downloading  31.47MB/62.93MB',
    'Digest: sha256:1',
    '',
  ])
})

test('printProgress() draws a bar when there is room', async () => {
  const bar = `[${'='.repeat(25)}>${' '.repeat(25)}]`
  assert.match(await shown(pull, 120), new RegExp(`bbb: Downloading ${bar.replace(/[[\]]/g, '\\$&')}  31.47MB/62.93MB`))
})

test('printProgress() throws what the stream says went wrong', async () => {
  const messages = [...pull.slice(0, 2), { error: 'layer is broken', errorDetail: { message: 'layer is broken' } }]
  await assert.rejects(shown(messages), (error) => {
    assert(error instanceof ExitError)
    assert.deepEqual([error.exitCode, error.message], [1, 'layer is broken'])
    return true
  })
})

test('printProgress() prints what a load says, as it says it', async () => {
  assert.equal(await shown([{ stream: 'Loaded image: busybox:latest\n' }]), 'Loaded image: busybox:latest\n')
})
