import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import { test } from 'node:test'
import { createPipe } from '../../kernel/descriptors.ts'
import { BufferPool, readPooledPipe } from './pooled-pipe.ts'

/** Runs a line with its output in a pooled pipe; each piece is looked at, and given back. */
async function read(line: string, look: (piece: Buffer) => void): Promise<void> {
  const pool = new BufferPool()
  const { readFd, writeFd } = createPipe(1_048_576)
  const child = spawn('sh', ['-c', line], { stdio: ['ignore', writeFd, 'inherit'] })
  closeSync(writeFd)
  const socket = readPooledPipe(readFd, pool)
  socket.on('data', (piece: Buffer) => {
    look(piece)
    pool.recycle(piece)
  })
  await new Promise((resolve) => socket.once('close', resolve))
  assert.equal(child.exitCode ?? 0, 0)
}

test('readPooledPipe() gives all bytes in their order, and reads into few buffers', async () => {
  let next = 1
  let rest = ''
  const memories = new Set<ArrayBufferLike>()
  await read('seq 1 500000', (piece) => {
    if (piece.length >= 65_536) memories.add(piece.buffer)
    const lines = (rest + piece.toString('latin1')).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (Number(line) !== next++) assert.fail(`${line} instead of ${next - 1}`)
  })
  assert.deepEqual([next, rest], [500_001, ''])
  assert.ok(memories.size <= 5, `${memories.size} buffers`)
})

test('readPooledPipe() lets short pieces hold no more than themselves', async () => {
  const memories = new Set<ArrayBufferLike>()
  await read('for i in $(seq 1 50); do echo $i; sleep 0.001; done', (piece) => memories.add(piece.buffer))
  assert.ok(memories.size <= 2, 'they are copies, in memory that Node shares among them')
})

test('BufferPool takes back what is its own, and nothing else', () => {
  const pool = new BufferPool()
  const own = pool.take()
  pool.recycle(Buffer.alloc(262_144))
  pool.recycle(Buffer.from('a few bytes of what Node shares'))
  pool.recycle(own.subarray(3, 9))
  assert.equal(pool.take().buffer, own.buffer)
  assert.notEqual(pool.take().buffer, own.buffer)
})
