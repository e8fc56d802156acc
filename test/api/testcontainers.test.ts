import assert from 'node:assert/strict'
import { join } from 'node:path'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

const program = join(import.meta.dirname, '../support/testcontainers-process.ts')

engineTest(
  'Testcontainers: wait strategies, exec, logs, copies, networks with aliases',
  async ({ host, docker, daemon }) => {
    const before = await docker.ok('network', 'ls', '-q')
    const env = {
      ...docker.env,
      DOCKER_HOST: `unix://${daemon.socket}`,
      TMPDIR: daemon.root, // it leaves a lock file
      TESTCONTAINERS_HOST_OVERRIDE: '127.0.0.1',
      TESTCONTAINERS_RYUK_DISABLED: 'true', // its reaper is an image that nobody here can pull
    }
    const { code, stderr } = await host.exec(process.execPath, [program], { env, timeoutMs: 120_000 })
    assert.equal(code, 0, stderr)
    await docker.ok('container', 'prune', '-f') // one that failed to start is left for whoever wants to know why
    await eventually(() => docker.ok('ps', '-aq'), '')
    assert.equal(await docker.ok('network', 'ls', '-q'), before)
  },
  { timeoutMs: 150_000 },
)
