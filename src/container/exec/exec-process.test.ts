import assert from 'node:assert/strict'
import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { capabilitySets } from '../bundle/capabilities.ts'
import type { OciProcess } from '../bundle/oci.ts'
import type { ExecRequest } from '../containers.ts'
import { planExecProcess, readBaseProcess } from './exec-process.ts'

const base: OciProcess = {
  terminal: true,
  consoleSize: { height: 1, width: 2 },
  user: { uid: 7, gid: 8 },
  args: ['sh'],
  env: ['PATH=/bin', 'A=1'],
  cwd: '/w',
  capabilities: capabilitySets(['CAP_KILL']),
  rlimits: [{ type: 'RLIMIT_CORE', soft: 1, hard: Infinity }],
  noNewPrivileges: true,
}
const request: ExecRequest = {
  command: ['ls', '-l'],
  environment: [],
  user: '',
  workingDir: '',
  privileged: false,
  terminal: false,
  streams: { stdin: false, stdout: true, stderr: true },
  detachKeys: '',
}
const facts = {
  base,
  accounts: () => ({ passwd: 'web:x:33:34::/:\n', group: '' }),
  capabilities: ['CAP_KILL', 'CAP_CHOWN'],
  size: { rows: 24, columns: 80 },
}

test('planExecProcess() takes everything over from the container', () => {
  const { consoleSize: _, ...rest } = base
  assert.deepEqual(planExecProcess(request, facts), { ...rest, terminal: false, args: ['ls', '-l'] })
})

test('planExecProcess() lets the request win', () => {
  const wish = {
    ...request,
    environment: ['A=2', 'B=3'],
    user: 'web',
    workingDir: '/x',
    privileged: true,
    terminal: true,
  }
  assert.partialDeepStrictEqual(planExecProcess(wish, facts), {
    terminal: true,
    consoleSize: { height: 24, width: 80 },
    env: ['PATH=/bin', 'A=2', 'TERM=xterm', 'B=3'],
    cwd: '/x',
    user: { uid: 33, gid: 34 },
    capabilities: capabilitySets(['CAP_KILL', 'CAP_CHOWN']),
  })
})

test('readBaseProcess() reads unlimited back as it was', () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-exec-'))
  const text = '{"process":{"env":[],"rlimits":[{"type":"RLIMIT_CORE","soft":5,"hard":18446744073709551615}]}}'
  writeFileSync(join(dir.path, 'config.json'), text)
  const paths = { dir: '', runDir: dir.path, rootfs: '', log: '' }
  assert.deepEqual(readBaseProcess(paths).rlimits, [{ type: 'RLIMIT_CORE', soft: 5, hard: Infinity }])
})
