import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Cli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'
import { busyboxRootfs } from '../support/image.ts'

/** Exit code and what was said, of a command that fails. */
async function failure(docker: Cli, ...words: string[]): Promise<readonly [number, string]> {
  const { code, stderr } = await docker.run(words)
  return [code, stderr.trim().split('\n')[0]!]
}

engineTest(
  'logs begin and end at the nanosecond, and --details tells labels, variables and the tag',
  async (engine) => {
    const { docker, wharf } = engine
    const options = ['labels=tier', 'env-regex=^P', 'tag={{.Name}} {{.ImageName}}'].flatMap((text) => [
      '--log-opt',
      text,
    ])
    const words = ['--label', 'tier=a b', '-e', 'PORT=1', 'busybox', 'sh', '-c', 'echo one; sleep 0.1; echo two']
    await docker.ok('run', '--name', 'told', ...options, ...words)
    const stamped = (await docker.ok('logs', '-t', 'told')).split('\n')
    assert.match(stamped.join(' '), /^\d{4}-\S+T\S+\.\d{9}Z one \d{4}-\S+\.\d{9}Z two$/)
    const [first, second] = stamped.map((line) => line.split(' ')[0]!)
    assert.equal(await docker.ok('logs', '--since', first!, 'told'), 'one\ntwo')
    assert.equal(await docker.ok('logs', '--since', second!, 'told'), 'two')
    assert.equal(await docker.ok('logs', '--until', first!, 'told'), 'one')
    const details = 'PORT=1,tag=told+busybox,tier=a+b'
    for (const client of [docker, wharf]) {
      assert.equal(await client.ok('logs', '--details', 'told'), `${details} one\n${details} two`)
      assert.equal(await client.ok('logs', '--details', '-t', '-n1', 'told'), `${second} ${details} two`)
    }
    await docker.ok('run', '--name', 'local', '--log-driver', 'local', ...options, 'busybox', 'echo', 'line')
    assert.equal((await docker.run(['logs', '--details', 'local'])).stdout, ' line\n')
    const [code, why] = await failure(docker, 'run', '--log-opt', 'tag={{.Nothing}}', 'busybox')
    assert.deepEqual([code, /failed to initialize logging driver: template: log-tag/.test(why)], [125, true], why)
  },
)

engineTest('users that are not there, annotations and platforms are told at once', async ({ docker, daemon }) => {
  const annotated = ['--annotation', 'org.test.a=b c', '--annotation', 'x=y']
  const id = await docker.ok('run', '-d', '--name', 'box', ...annotated, 'busybox', 'sleep', '1000')
  assert.deepEqual(await failure(docker, 'exec', '-u', 'nobody-at-all', 'box', 'true'), [
    1,
    'Error response from daemon: unable to find user nobody-at-all: no matching entries in passwd file',
  ])
  const shown = JSON.parse(await docker.ok('inspect', '-f', '{{json .HostConfig.Annotations}}', 'box'))
  assert.deepEqual(shown, { 'org.test.a': 'b c', x: 'y' })
  const bundle = JSON.parse(readFileSync(`${daemon.root}/run/containers/${id}/config.json`, 'utf8'))
  assert.partialDeepStrictEqual(bundle.annotations, { 'org.test.a': 'b c', x: 'y' })

  const arch = await docker.ok('version', '-f', '{{.Server.Arch}}')
  const why = `was found but its platform (linux/${arch}) does not match the specified platform (linux/s390x)`
  const elsewhere = ['--platform', 'linux/s390x']
  for (const words of [
    ['create', '--pull', 'never', ...elsewhere, 'busybox'],
    ['history', ...elsewhere, 'busybox'],
    ['save', ...elsewhere, '-o', `${daemon.root}/none`, 'busybox'],
  ]) {
    const said = await failure(docker, ...words)
    assert.deepEqual(said, [1, `Error response from daemon: image with reference busybox ${why}`], words.join())
  }
  await docker.ok('run', '--rm', '--platform', `linux/${arch}`, 'busybox', 'true')
  await docker.run(['import', ...elsewhere, '-', 'strange'], { input: await busyboxRootfs() })
  assert.deepEqual(await docker.run(['run', '--rm', 'strange', 'echo', 'hi']), {
    code: 0,
    stdout: 'hi\n',
    stderr: `WARNING: The requested image's platform (linux/s390x) does not match the detected host platform (linux/${arch}) and no specific platform was requested\n`,
  })
})
