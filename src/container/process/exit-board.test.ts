import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExitBoard } from './exit-board.ts'

test('ExitBoard.next() is told of the next exit only, each waiter once', async () => {
  const board = new ExitBoard()
  board.announce('exit', 'a', { exitCode: 1 })
  const first = board.next('exit', 'a')
  const second = board.next('exit', 'a')
  const removal = board.next('removal', 'a')
  board.announce('exit', 'a', { exitCode: 2 })
  board.announce('exit', 'a', { exitCode: 3 })
  board.announce('removal', 'a', { exitCode: 4 })
  assert.deepEqual(await Promise.all([first, second, removal]), [{ exitCode: 2 }, { exitCode: 2 }, { exitCode: 4 }])
})

test('ExitBoard.next() rejects when its signal aborts, and the others go on waiting', async () => {
  const board = new ExitBoard()
  const control = new AbortController()
  const impatient = board.next('exit', 'a', control.signal)
  const patient = board.next('exit', 'a')
  control.abort(new Error('client left'))
  await assert.rejects(impatient, /client left/)
  board.announce('exit', 'a', { exitCode: 0 })
  assert.deepEqual(await patient, { exitCode: 0 })
})
