import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSecurityOptions } from './security-options.ts'

test('parseSecurityOptions() reads both ways of writing an option', () => {
  const profile = { defaultAction: 'SCMP_ACT_ALLOW' }
  const cases = [
    [[], { noNewPrivileges: false, seccomp: 'default' }],
    [['no-new-privileges'], { noNewPrivileges: true, seccomp: 'default' }],
    [['no-new-privileges:true'], { noNewPrivileges: true, seccomp: 'default' }],
    [['no-new-privileges=false'], { noNewPrivileges: false, seccomp: 'default' }],
    [['seccomp=unconfined'], { noNewPrivileges: false, seccomp: 'unconfined' }],
    [['seccomp:unconfined', 'label=disable'], { noNewPrivileges: false, seccomp: 'unconfined' }],
    [[`seccomp=${JSON.stringify(profile)}`], { noNewPrivileges: false, seccomp: profile }],
  ] as const
  for (const [options, expected] of cases) assert.deepEqual(parseSecurityOptions(options), expected)
})

test('parseSecurityOptions() refuses words that are no option', () => {
  for (const option of ['nope', 'no-new-privileges=perhaps', 'seccomp=nosuch.json']) {
    assert.throws(() => parseSecurityOptions([option]), { kind: 'invalid-argument' }, option)
  }
})
