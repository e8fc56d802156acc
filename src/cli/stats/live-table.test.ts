import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test } from 'node:test'
import { showTable } from './live-table.ts'

const table = 'NAME   CPU %     MEM %\nbox    12.50%    0.10%\nbusy   60.00%    93.10%\n'

/** What is written to a terminal of so many rows, or to a pipe. */
function shown(rows: number | undefined, coloured: boolean): string {
  const stdout = Object.assign(new PassThrough(), rows === undefined ? {} : { isTTY: true, rows })
  showTable({ stdin: new PassThrough(), stdout, stderr: new PassThrough() }, table, coloured)
  return String(stdout.read())
}

test('showTable() writes one table below the other where there is no terminal, without a colour', () => {
  assert.equal(shown(undefined, true), table)
})

test('showTable() begins at the top of a terminal, shows what there is room for, and colours what is high', () => {
  const plain =
    '\x1b[HNAME   CPU %     MEM %\x1b[K\nbox    12.50%    0.10%\x1b[K\nbusy   60.00%    93.10%\x1b[K\n\x1b[K\x1b[J'
  assert.equal(shown(24, false), plain)
  assert.equal(
    shown(24, true),
    plain.replace('60.00%', '\x1b[33m60.00%\x1b[0m').replace('93.10%', '\x1b[31m93.10%\x1b[0m'),
  )
  assert.equal(shown(3, false), '\x1b[HNAME   CPU %     MEM %\x1b[K\nbox    12.50%    0.10%\x1b[K\x1b[J')
})
