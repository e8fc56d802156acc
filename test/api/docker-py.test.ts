import assert from 'node:assert/strict'
import { join } from 'node:path'
import { engineTest } from '../support/engine-test.ts'
import { run } from '../support/finished.ts'

const program = join(import.meta.dirname, '../support/docker-py.py')

engineTest('docker’s library for Python: containers, exec, logs, networks, errors', async ({ daemon }) => {
  const { code, stdout, stderr } = await run('/usr/bin/python3', ['-W', 'ignore', program, daemon.socket])
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'all as it should be\n' }, stderr)
})
