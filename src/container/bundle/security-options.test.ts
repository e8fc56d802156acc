import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSecurityOptions } from './security-options.ts'

const none = { noNewPrivileges: false, writableCgroups: false, seccomp: 'default', appArmor: '' }

test('parseSecurityOptions() reads both ways of writing an option', () => {
  const profile = { defaultAction: 'SCMP_ACT_ALLOW' }
  const cases = [
    [[], none],
    [['no-new-privileges'], { ...none, noNewPrivileges: true }],
    [['no-new-privileges:true'], { ...none, noNewPrivileges: true }],
    [['no-new-privileges=false'], none],
    [['seccomp=unconfined'], { ...none, seccomp: 'unconfined' }],
    [['seccomp:unconfined', 'label=disable'], { ...none, seccomp: 'unconfined' }],
    [[`seccomp=${JSON.stringify(profile)}`], { ...none, seccomp: profile }],
    [['apparmor=unconfined', 'writable-cgroups'], { ...none, appArmor: 'unconfined', writableCgroups: true }],
    [['net_cls=10:1'], { ...none, netClass: 0x10_0001 }],
  ] as const
  for (const [options, expected] of cases) assert.deepEqual(parseSecurityOptions(options), expected)
})

test('parseSecurityOptions() refuses words that are no option, in Docker’s words', () => {
  const cases = [
    ['nope', 'invalid --security-opt 1: "nope"'],
    ['systempaths=unconfined', 'invalid --security-opt 2: "systempaths=unconfined"'],
    ['no-new-privileges=perhaps', 'invalid --security-opt 2: "no-new-privileges=perhaps"'],
  ] as const
  for (const [option, message] of cases) {
    assert.throws(() => parseSecurityOptions([option]), { kind: 'invalid-argument', message })
  }
  for (const option of ['seccomp=nosuch.json', 'net_cls=0']) {
    assert.throws(() => parseSecurityOptions([option]), { kind: 'invalid-argument' }, option)
  }
})
