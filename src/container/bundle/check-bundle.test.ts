import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkBundle } from './check-bundle.ts'
import { parseDeviceRules, refuseDeviceRequests } from './device-rules.ts'
import { checkSysctls } from './sysctls.ts'

test('checkBundle() finds at creation what would fail at the start', () => {
  const cases = [
    [{ CapAdd: ['X'] }, 'invalid-argument', 'invalid CapAdd: unknown capability: "CAP_X"'],
    [{ PidMode: 'x' }, 'invalid-argument', 'invalid PID mode: x'],
    [{ PidMode: 'container:' }, 'invalid-argument', 'invalid PID mode: container:'],
    [{ IpcMode: 'x' }, 'invalid-argument', 'invalid IPC mode: x'],
    [{ UTSMode: 'private' }, 'invalid-argument', 'invalid UTS mode: private'],
    [{ UsernsMode: 'x' }, 'invalid-argument', 'invalid user namespace mode: x'],
    [{ Runtime: 'runsc' }, 'invalid-argument', 'unknown or invalid runtime name: runsc'],
    [{ Isolation: 'hyperv' }, 'invalid-argument', "invalid isolation (hyperv): linux only supports 'default'"],
    [
      { StorageOpt: { size: '1G' } },
      'internal',
      "--storage-opt is supported only for overlay over xfs with 'pquota' mount option",
    ],
  ] as const
  for (const [hostConfig, kind, message] of cases) {
    assert.throws(() => checkBundle(hostConfig, '/usr/bin/crun'), { kind, message })
  }
})

test('checkBundle() takes what is right', () => {
  checkBundle({ PidMode: 'container:abc', IpcMode: 'shareable', UTSMode: 'host' }, '/usr/bin/crun')
  checkBundle({ IpcMode: 'container:abc', UsernsMode: 'host', Runtime: 'crun', Isolation: 'default' }, '/usr/bin/crun')
})

test('checkSysctls() takes what is the container’s own only', () => {
  const own = { 'net.core.somaxconn': '1', 'kernel.shmmax': '1', 'fs.mqueue.msg_max': '1', 'kernel.domainname': 'a' }
  checkSysctls({ Sysctls: own })
  const refusals = [
    [{ 'vm.swappiness': '1' }, {}, 'sysctl "vm.swappiness" is not in a separate kernel namespace'],
    [{ 'kernel.sem': '1' }, { IpcMode: 'host' }, 'sysctl "kernel.sem" is not allowed in the hosts ipc namespace'],
    [
      { 'kernel.domainname': 'a' },
      { UTSMode: 'host' },
      'sysctl "kernel.domainname" is not allowed in the hosts UTS namespace',
    ],
    [
      { 'kernel.hostname': 'a' },
      {},
      'sysctl "kernel.hostname" is not allowed as it conflicts with the OCI "hostname" field',
    ],
    [
      { 'net.core.somaxconn': '1' },
      { NetworkMode: 'host' },
      'sysctl "net.core.somaxconn" not allowed in host network namespace',
    ],
  ] as const
  for (const [Sysctls, host, words] of refusals) {
    const isRefusal = ({ message }: Error) => message.endsWith(`runc create failed: ${words}: unknown`)
    assert.throws(() => checkSysctls({ Sysctls, ...host }), isRefusal, words)
  }
})

test('parseDeviceRules() reads types, numbers and access; refuseDeviceRequests() has Docker’s words', () => {
  assert.deepEqual(parseDeviceRules(['c 42:* rmw', 'a *:* r']), [
    { allow: true, type: 'c', major: 42, access: 'rmw' },
    { allow: true, type: 'a', access: 'r' },
  ])
  assert.throws(() => parseDeviceRules(['c 42 r']), { message: "invalid device cgroup rule format: 'c 42 r'" })
  refuseDeviceRequests({ DeviceRequests: [] })
  assert.throws(() => refuseDeviceRequests({ DeviceRequests: [{ Count: -1, Capabilities: [['gpu']] }] }), {
    message: 'could not select device driver "" with capabilities: [[gpu]]',
  })
})
