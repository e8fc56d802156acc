import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { listGuestFiles } from '../support/vm/guest-files.ts'
import { runGuest } from '../support/vm/machine.ts'

// The tests are known only as they come, so they are made here, one for each that the guest has run. One that fails
// there fails here, with its own stack; a guest that does not boot, hangs or panics fails them all.

const pattern = process.execArgv.find((word) => word.startsWith('--test-name-pattern='))?.split('=')[1]
const skip = getuid?.() === 0 ? false : 'needs root'

if (skip !== false) test('the virtual machine runs its tests', { skip }, () => {})
else await runAll()

async function runAll(): Promise<void> {
  const order = { files: listGuestFiles(), ...(pattern !== undefined && { pattern }) }
  const heard = new Set<string>()
  try {
    for await (const event of runGuest(order)) {
      if (event.type !== 'outcome') continue
      const { file, name, skip, error } = event
      heard.add(file)
      void test(`in the virtual machine: ${name}`, { skip: skip ?? false }, () => {
        if (error !== undefined) throw new Error(`${file}: ${error}`)
      })
    }
    const silent = order.files.map(({ path }) => path).filter((path) => !heard.has(path))
    const isWhole = pattern !== undefined || silent.length === 0
    void test('in the virtual machine: each file has run', () => assert.ok(isWhole, `no test of ${silent.join(', ')}`))
  } catch (error) {
    void test('in the virtual machine: the machine works', () => {
      throw error
    })
  }
}
