import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { defaultSeccompPath, parseSeccompProfile, planSeccomp, type SeccompCondition } from './seccomp.ts'

const facts = { capabilities: ['CAP_CHOWN'], arch: 'x64', kernel: '6.1.0-13-amd64' }

function namesFor(includes: SeccompCondition, excludes: SeccompCondition = {}): readonly string[] {
  const rule = { names: ['x'], action: 'SCMP_ACT_ALLOW', includes, excludes }
  return planSeccomp({ defaultAction: 'SCMP_ACT_ERRNO', syscalls: [rule] }, facts).syscalls.flatMap(
    ({ names }) => names,
  )
}

test('planSeccomp() keeps a rule when all that it includes holds and nothing that it excludes', () => {
  const cases: [SeccompCondition, SeccompCondition, boolean][] = [
    [{}, {}, true],
    [{ caps: ['CAP_CHOWN'] }, {}, true],
    [{ caps: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] }, {}, false],
    [{ arches: ['arm64', 'amd64'] }, {}, true],
    [{ arches: ['arm64'] }, {}, false],
    [{ arches: [] }, {}, true],
    [{ minKernel: '4.8' }, {}, true],
    [{ minKernel: '6.2' }, {}, false],
    [{ minKernel: '7.0' }, {}, false],
    [{}, { caps: ['CAP_CHOWN', 'CAP_SYS_ADMIN'] }, false],
    [{}, { caps: ['CAP_SYS_ADMIN'] }, true],
    [{}, { arches: ['amd64'] }, false],
    [{}, { minKernel: '6.0' }, false],
  ]
  for (const [includes, excludes, kept] of cases) {
    assert.deepEqual(namesFor(includes, excludes), kept ? ['x'] : [], JSON.stringify([includes, excludes]))
  }
})

test('planSeccomp() writes out architectures, errno values and arguments', () => {
  const args = [{ index: 0, value: 8, valueTwo: 0, op: 'SCMP_CMP_EQ' }]
  const plan = planSeccomp(
    {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
      archMap: [
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
      ],
      syscalls: [
        { names: ['personality'], action: 'SCMP_ACT_ALLOW', args },
        { name: 'bpf', action: 'SCMP_ACT_ERRNO', errnoRet: 1, args: null },
      ],
    },
    facts,
  )
  assert.deepEqual(plan, {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: 38,
    architectures: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
    syscalls: [
      { names: ['personality'], action: 'SCMP_ACT_ALLOW', args },
      { names: ['bpf'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 },
    ],
  })
})

const skip = existsSync(defaultSeccompPath) ? false : `needs ${defaultSeccompPath}`

test('planSeccomp() lets mount through only with CAP_SYS_ADMIN in the profile of this machine', { skip }, () => {
  const profile = parseSeccompProfile(readFileSync(defaultSeccompPath, 'utf8'), defaultSeccompPath)
  const bpfOf = (capabilities: readonly string[]) =>
    planSeccomp(profile, { ...facts, capabilities })
      .syscalls.filter(({ names }) => names.includes('bpf'))
      .map(({ action }) => action)
  assert.deepEqual(bpfOf([]), ['SCMP_ACT_ERRNO'])
  assert.deepEqual(bpfOf(['CAP_SYS_ADMIN']), ['SCMP_ACT_ALLOW'])
})

test('parseSeccompProfile() refuses what is no profile', () => {
  for (const text of ['', '{}', '[]', 'null', '{"defaultAction":1}']) {
    assert.throws(() => parseSeccompProfile(text, 'x'), /Decoding seccomp profile failed/, text)
  }
})
