import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { buildContext } from '../support/build-context.ts'
import { engineTest } from '../support/engine-test.ts'

/** Each step of a build starts several programs, which takes its time while other tests run. */
const patient = { timeoutMs: 150_000 }

engineTest(
  'builds at the same time do not disturb each other, and a prune leaves them alone',
  async ({ docker, daemon }) => {
    const build = async (name: string) => {
      const lines = [
        'FROM busybox',
        'RUN echo same > /same',
        `RUN sleep 1; echo ${name} > /own`,
        'CMD ["cat", "/same", "/own"]',
      ]
      const dir = buildContext(daemon.root, { Dockerfile: lines.join('\n') })
      const { code, stdout, stderr } = await docker.run(['build', '-t', name, dir], { timeoutMs: 60_000 })
      assert.equal(code, 0, stdout + stderr)
    }
    const names = ['one', 'two', 'three']
    const building = Promise.all(names.map(build))
    assert.match(await docker.ok('builder', 'prune', '-f'), /0B/)
    await building
    for (const name of names) assert.equal((await docker.run(['run', '--rm', name])).stdout, `same\n${name}\n`)
    assert.deepEqual(readdirSync(join(daemon.root, 'data/build/work')), [])
    assert.match(await docker.ok('system', 'df'), /^Build Cache +\d+ +0 +[\d.]+[kM]B/m)
  },
  patient,
)

engineTest(
  'squash makes one layer of all steps, and an image may have one layer twice',
  async ({ api, docker, daemon }) => {
    const files = { Dockerfile: 'FROM busybox\nRUN echo 1 > /a\nCOPY f /f\nRUN rm /a\n', f: 'x' }
    const dir = buildContext(daemon.root, files)
    const stream = await api.buildImage({ context: dir, src: Object.keys(files) }, { t: 'squashed', squash: true })
    await new Promise((resolve) => api.modem.followProgress(stream, resolve))
    const { RootFS } = await api.getImage('squashed').inspect()
    assert.equal(RootFS.Layers.length, 2)
    const { stdout } = await docker.run(['run', '--rm', 'squashed', 'sh', '-c', 'cat /f; ls /a'])
    assert.equal(stdout, 'x')

    const twice = buildContext(daemon.root, {
      Dockerfile: 'FROM busybox\nCOPY d /d\nCOPY e /e\nCOPY d /d\n',
      d: 'd',
      e: 'e',
    })
    await docker.ok('build', '-t', 'twice', twice)
    assert.equal((await docker.run(['run', '--rm', 'twice', 'cat', '/d', '/e'])).stdout, 'de')
  },
  patient,
)
