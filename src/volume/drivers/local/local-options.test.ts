import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLocalOptions, serverAddress, withoutPassword } from './local-options.ts'

test('checkLocalOptions() takes what can be mounted', () => {
  for (const options of [
    {},
    { type: 'tmpfs', device: 'tmpfs' },
    { type: 'none', device: '/x', o: 'bind' },
    { size: '0' },
  ]) {
    checkLocalOptions('v1', options)
  }
})

test('checkLocalOptions() refuses in the words of Docker', () => {
  const cases = [
    [{ foo: 'x' }, 'create v1: invalid option: "foo"'],
    [{ type: 'tmpfs' }, 'create v1: missing required option: "device"'],
    [{ device: '/x' }, 'create v1: missing required option: "type"'],
    [{ o: 'bind' }, 'create v1: missing required option: "device"'],
    [{ size: '1G' }, 'create v1: quota size requested but no quota support'],
    [{ size: 'much' }, "create v1: invalid size: 'much'"],
  ] as const
  for (const [options, message] of cases) {
    assert.throws(
      () => checkLocalOptions('v1', options),
      { kind: 'invalid-argument', message },
      JSON.stringify(options),
    )
  }
})

test('serverAddress() and withoutPassword() read mount options', () => {
  assert.equal(serverAddress('rw,addr=files.example,nolock'), 'files.example')
  assert.equal(serverAddress('rw'), '')
  assert.equal(withoutPassword('username=a,password=b,ro'), 'username=a,password=********,ro')
})
