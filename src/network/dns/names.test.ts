import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dnsNames } from './names.ts'

const containerId = '0123456789ab'.padEnd(64, 'f')

test('dnsNames() gives name, aliases, short id and hostname, in that order and each once', () => {
  const cases: readonly [Omit<Parameters<typeof dnsNames>[0], 'containerId'>, string[]][] = [
    [{ containerName: 'web', aliases: ['www', 'api'], hostname: 'h' }, ['web', 'www', 'api', '0123456789ab', 'h']],
    [{ containerName: 'web', aliases: ['web', 'h'], hostname: 'h' }, ['web', 'h', '0123456789ab']],
    [{ containerName: 'web', aliases: [], hostname: '0123456789ab' }, ['web', '0123456789ab']],
    [{ containerName: 'web', aliases: [], hostname: '' }, ['web', '0123456789ab']],
  ]
  for (const [sources, want] of cases) assert.deepEqual(dnsNames({ containerId, ...sources }), want)
})
