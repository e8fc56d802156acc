import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listProcesses, selectProcesses, terminalName } from './top.ts'

test('selectProcesses() takes the rows of the container, the command with its blanks', () => {
  const output = '  PID TTY   CMD\n    1 ?     init\n   77 pts/0 sh -c "a b"\n'
  assert.deepEqual(selectProcesses(output, [77, 5]), {
    titles: ['PID', 'TTY', 'CMD'],
    processes: [['77', 'pts/0', 'sh -c "a b"']],
  })
})

test('selectProcesses() takes the threads of a process with it', () => {
  const output = 'PID CMD\n7 init\n- -\n8 sh\n- -\n- -\n9 ls\n- -\n'
  assert.deepEqual(selectProcesses(output, [8]).processes, [
    ['8', 'sh'],
    ['-', '-'],
    ['-', '-'],
  ])
})

test('listProcesses() does not take another column for the number of a process', async () => {
  const message = 'specifying "ppid=PID" is not allowed'
  await assert.rejects(listProcesses([1], '-o ppid=PID'), { kind: 'internal', message })
})

test('selectProcesses() needs the PID column', () => {
  assert.throws(() => selectProcesses('USER CMD\na b\n', [1]), {
    kind: 'internal',
    message: "Couldn't find PID field in ps output",
  })
})

test('listProcesses() knows this process, and leaves out those that are gone', async () => {
  const { titles, processes } = await listProcesses([process.pid, 0], '')
  assert.deepEqual(titles, ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'])
  assert.deepEqual(
    processes.map((row) => [row.length, row[1], row[2]]),
    [[8, String(process.pid), String(process.ppid)]],
  )
})

test('terminalName() decodes device numbers', () => {
  assert.deepEqual([0, 0x8803, 0x0401, 0x0440].map(terminalName), ['?', 'pts/3', 'tty1', 'ttyS0'])
})
