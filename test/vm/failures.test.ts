import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { runGuest } from '../support/vm/machine.ts'

const skip = getuid?.() === 0 ? false : 'needs root'

async function runToEnd(options: Parameters<typeof runGuest>[1]): Promise<void> {
  for await (const event of runGuest({ files: [] }, options)) assert.equal(event.type, 'ready')
}

test('runGuest tells what a guest said that panics', { skip }, async () => {
  await assert.rejects(runToEnd({ append: 'rdinit=/nothing' }), /ended before its tests[\s\S]*Kernel panic/)
})

test('runGuest ends a guest that does not come up', { skip }, async () => {
  await assert.rejects(runToEnd({ bootMs: 300 }), /had not started its tests after 0\.3 s/)
})
