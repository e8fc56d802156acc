import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseCapabilityMask } from './capabilities.ts'
import { type BundleFacts, type BundleWish, planBundle, renderOci } from './plan-bundle.ts'

const facts: BundleFacts = {
  rootfs: '/r',
  hostname: 'h1',
  cgroupsPath: '/wharf/1',
  user: { uid: 0, gid: 0 },
  capabilities: parseCapabilityMask('1ffffffffff'),
  ownLimits: undefined,
  limits: {},
  machine: { arch: 'x64', kernel: '6.1' },
  defaultSeccomp: { defaultAction: 'SCMP_ACT_ERRNO', syscalls: [] },
  devices: [],
  mounts: { user: { binds: [], tmpfs: [] }, files: {}, initPath: undefined },
  namespaces: { network: '/n', cgroupVersion: 1 },
}

function plan(
  config: BundleWish['config'],
  hostConfig: BundleWish['hostConfig'] = {},
  more: Partial<BundleFacts> = {},
) {
  return planBundle({ config: { Cmd: ['sh'], ...config }, hostConfig }, { ...facts, ...more })
}

test('planBundle() makes a confined container from nothing but a command', () => {
  const { spec, compromises } = plan({})
  assert.partialDeepStrictEqual(spec, {
    process: { terminal: false, user: { uid: 0, gid: 0 }, args: ['sh'], cwd: '/', noNewPrivileges: false },
    root: { path: '/r', readonly: false },
    hostname: 'h1',
    linux: { cgroupsPath: '/wharf/1', seccomp: { architectures: ['SCMP_ARCH_X86_64'] } },
  })
  assert.equal(spec.process.capabilities.bounding.length, 14)
  assert.equal(spec.linux.sysctl, undefined)
  assert.ok(spec.linux.maskedPaths.includes('/proc/kcore'))
  assert.deepEqual(compromises, [])
})

test('planBundle() opens everything to a privileged container', () => {
  const { linux, process } = plan({}, { Privileged: true }).spec
  assert.equal(linux.seccomp, undefined)
  assert.deepEqual([linux.maskedPaths, linux.readonlyPaths], [[], []])
  assert.equal(process.capabilities.bounding.length, 41)
})

test('planBundle() leaves the filter out where the user says so', () => {
  assert.equal(plan({}, { SecurityOpt: ['seccomp=unconfined'] }).spec.linux.seccomp, undefined)
})

test('planBundle() puts init before the command, and the command after the entrypoint', () => {
  const mounts = { ...facts.mounts, initPath: '/usr/bin/catatonit' }
  const { args } = plan({ Entrypoint: ['/e', 'a'], Cmd: ['b'] }, {}, { mounts }).spec.process
  assert.deepEqual(args, ['/sbin/docker-init', '--', '/e', 'a', 'b'])
})

test('planBundle() describes the terminal', () => {
  const { process } = plan({ Tty: true, WorkingDir: '/w' }, { ConsoleSize: [24, 80], OomScoreAdj: 5 }).spec
  assert.partialDeepStrictEqual(process, {
    terminal: true,
    consoleSize: { height: 24, width: 80 },
    cwd: '/w',
    oomScoreAdj: 5,
  })
  assert.ok(process.env.includes('TERM=xterm'))
  assert.equal(plan({}, { ConsoleSize: [24, 80] }).spec.process.consoleSize, undefined)
})

test('planBundle() leaves net.* to the network and sets the domain name', () => {
  const { sysctl } = plan({ Domainname: 'd' }, { Sysctls: { 'net.ipv4.ip_forward': '1', 'kernel.msgmax': '9' } }).spec
    .linux
  assert.deepEqual(sysctl, { 'kernel.msgmax': '9', 'kernel.domainname': 'd' })
})

test('planBundle() shares the host name with the host in that mode', () => {
  assert.equal(plan({}, { UTSMode: 'host' }).spec.hostname, undefined)
})

test('renderOci() writes unlimited limits as the runtime wants them', () => {
  const { spec } = plan({}, { Ulimits: [{ Name: 'core', Soft: -1, Hard: -1 }] })
  assert.match(
    renderOci(spec),
    /"rlimits":\[\{"type":"RLIMIT_CORE","soft":18446744073709551615,"hard":18446744073709551615\}\]/,
  )
})
