import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkAllModes } from './check-modes.ts'

test('checkAllModes() lets none, host and others not be beside each other', () => {
  const of = (mode: string, ...others: string[]) => ({
    hostConfig: { NetworkMode: mode },
    networks: Object.fromEntries([mode, ...others].map((name) => [name, {}])),
  })
  for (const fine of [of('net', 'other'), of('bridge', 'net'), of('none'), of('host')]) checkAllModes(fine)
  const alone = /^container cannot be connected to multiple networks with one of the networks in private \(none\) mode$/
  const refused: readonly [ReturnType<typeof of>, RegExp][] = [
    [of('none', 'net'), alone],
    [of('net', 'none'), alone],
    [of('host', 'net'), /^container sharing network namespace with another container or host cannot be connected/],
    [of('net', 'host'), /^cannot connect container to host network - container must be created in host network mode$/],
  ]
  for (const [record, message] of refused) {
    assert.throws(() => checkAllModes(record), { kind: 'invalid-argument', message })
  }
})
