import assert from 'node:assert/strict'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SeccompFilters } from './seccomp-filters.ts'

const seccomp = { defaultAction: 'SCMP_ACT_ERRNO', architectures: [], syscalls: [] }
const other = { ...seccomp, defaultAction: 'SCMP_ACT_ALLOW' }

test('SeccompFilters give back what the runtime compiled, for the same filter only', () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'wharf-filters-'))
  mkdirSync(join(root.path, 'c1'))
  writeFileSync(join(root.path, 'c1', 'seccomp.bpf'), 'bytes')
  const filters = new SeccompFilters(root.path)
  assert.deepEqual(filters.annotationsFor(seccomp), {})
  filters.remember('c1', seccomp)
  assert.deepEqual(filters.annotationsFor({ ...seccomp }), { 'run.oci.seccomp_bpf_data': btoa('bytes') })
  assert.deepEqual(filters.annotationsFor(other), {})
  assert.deepEqual(filters.annotationsFor(undefined), {})
})

test('SeccompFilters know nothing of a runtime that leaves no compiled filter', () => {
  using root = mkdtempDisposableSync(join(tmpdir(), 'wharf-filters-'))
  const filters = new SeccompFilters(root.path)
  filters.remember('c1', seccomp)
  filters.remember('c1', undefined)
  assert.deepEqual(filters.annotationsFor(seccomp), {})
})
