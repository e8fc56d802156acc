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

engineTest(
  '--mount type=image shows an image or a part of it, read-only, as long as the container is there',
  async (engine) => {
    const { docker, wharf, daemon } = engine
    await docker.ok(
      'run',
      '--name',
      'made',
      'busybox',
      'sh',
      '-c',
      'mkdir -p /new/deep; echo hi > /new/deep/file; ln -s / /new/up',
    )
    await docker.ok('commit', 'made', 'two')
    const show = (client: Cli, image: string, line: string) =>
      client.run(['run', '--rm', '--mount', `type=image,src=${image},dst=/i`, 'busybox', 'sh', '-c', line])
    assert.equal((await show(docker, 'two', 'cat /i/new/deep/file; ls /i/bin/busybox')).stdout, 'hi\n/i/bin/busybox\n')
    assert.equal((await show(wharf, 'two,image-subpath=new/deep', 'ls /i')).stdout, 'file\n')
    assert.match((await show(docker, 'two', 'touch /i/x')).stderr, /Read-only file system/)
    assert.match((await show(docker, 'busybox', 'touch /i/x; ls /i/bin/busybox')).stderr, /Read-only file system/)
    assert.match((await show(docker, 'two,image-subpath=new/up/bin', 'ls /i')).stderr, /path escapes the image/)
    assert.match((await show(docker, 'two,image-subpath=none', 'ls /i')).stderr, /\/none: no such file or directory/)
    assert.match((await show(docker, 'nothing', 'ls /i')).stderr, /No such image: nothing:latest/)

    await docker.ok('run', '-d', '--name', 'box', '--mount', 'type=image,src=two,dst=/i', 'busybox', 'sleep', '1000')
    const [mount] = JSON.parse(await docker.ok('inspect', '-f', '{{json .Mounts}}', 'box'))
    assert.partialDeepStrictEqual(mount, { Type: 'image', Name: 'two', Destination: '/i', Mode: '', RW: false })
    assert.match(
      (await failure(docker, 'rmi', 'two'))[1],
      /conflict: .* container [0-9a-f]{12} is using its referenced/,
    )
    await daemon.kill9()
    await daemon.start()
    assert.equal(await docker.ok('exec', 'box', 'cat', '/i/new/deep/file'), 'hi')
    await docker.ok('restart', '-t', '0', 'box')
    await docker.ok('stop', '-t', '0', 'box')
    await docker.ok('cp', 'box:/i/new/deep/file', `${daemon.root}/copy`)
    assert.equal(readFileSync(`${daemon.root}/copy`, 'utf8'), 'hi\n')
    await docker.ok('rm', '-f', 'box')
    await docker.ok('rmi', 'two')
  },
  { timeoutMs: 120_000 },
)
