import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { pastEvents } from '../support/past-events.ts'

engineTest('docker commit makes an image that runs, is saved and loaded, and tells how it was made', async (engine) => {
  const { docker, daemon, sh, api } = engine
  await docker.ok(
    'run',
    '-di',
    '--name',
    'box',
    '-e',
    'A=1',
    '-l',
    'kept=yes',
    '-w',
    '/srv',
    'busybox',
    'sh',
    '-c',
    'cat',
  )
  await sh('box', 'echo new > /srv/f; rm /bin/ash; rm -r /tmp; mkdir /tmp; echo x > /tmp/again; ln /srv/f /srv/g')
  const changes = [
    'CMD ["sh", "-c", "echo $A$B; ls /tmp /srv; ls /bin/ash"]',
    'ENV B=2',
    'EXPOSE 80/tcp',
    'LABEL more=1',
  ]
  const flags = changes.flatMap((change) => ['-c', change])
  const id = await docker.ok('commit', '-a', 'Me <me@example.org>', '-m', 'why', ...flags, 'box', 'made:1')
  const { Id, Config, Author, Comment, RootFS } = await api.getImage('made:1').inspect()
  assert.deepEqual([Id, Author, Comment, RootFS.Layers.length], [id, 'Me <me@example.org>', 'why', 2])
  assert.deepEqual(
    [Config.WorkingDir, Config.Labels, Config.ExposedPorts],
    ['/srv', { kept: 'yes', more: '1' }, { '80/tcp': {} }],
  )
  const history = await api.getImage('made:1').history()
  assert.deepEqual([history.length, history[0].CreatedBy, history[0].Comment], [2, 'sh -c cat', 'why'])
  const seen = 'ls: /bin/ash: No such file or directory\n'
  const expected = { code: 1, stdout: '12\n/srv:\nf\ng\n\n/tmp:\nagain\n', stderr: seen }
  assert.deepEqual(await docker.run(['run', '--rm', 'made:1']), expected)
  const file = join(daemon.root, 'made.tar')
  await docker.ok('save', '-o', file, 'made:1')
  await docker.ok('rmi', 'made:1')
  await docker.ok('load', '-i', file)
  assert.deepEqual(await docker.run(['run', '--rm', 'made:1']), expected)

  await docker.ok('commit', '-c', 'ENTRYPOINT ["echo", "entry"]', 'box', 'made:2')
  assert.equal((await docker.run(['run', '--rm', 'made:2'])).stdout, 'entry\n')
  const { Id: third } = await api
    .getContainer('box')
    .commit({ repo: 'made', tag: '3', Cmd: ['echo', 'body'], User: '7' })
  const third_ = await api.getImage('made:3').inspect()
  assert.deepEqual([third_.Id, third_.Config.Cmd, third_.Config.User], [third, ['echo', 'body'], '7'])
})

engineTest('wharf commit: nothing changed, no name, refused words, a stopped container', async (engine) => {
  const { wharf, docker, api } = engine
  await docker.ok('create', '--name', 'box', 'busybox')
  const id = await wharf.ok('commit', 'box')
  const image = await api.getImage(id).inspect()
  assert.deepEqual([image.RootFS.Layers.length, image.RepoTags], [1, []])
  assert.equal((await api.getImage(id).history()).length, 2)
  const refused = [
    [['commit', 'box', 'NAME'], /invalid reference format: repository name \(library\/NAME\) must be lowercase/],
    [['commit', '-c', 'RUN true', 'box'], /run is not a valid change command/],
    [['commit', 'gone'], /No such container: gone/],
  ] as const
  for (const [args, words] of refused) {
    const { code, stderr } = await wharf.run(args)
    assert.deepEqual([code, words.test(stderr)], [1, true], stderr)
  }
  assert.equal((await docker.ok('images', '-aq')).split('\n').length, 2)
})

engineTest('a container is paused while it is committed, unless told, and goes on', async (engine) => {
  const { docker, sh } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await sh('box', 'dd if=/dev/zero bs=1M count=50 of=/big')
  await docker.ok('commit', 'box', 'one')
  await docker.ok('commit', '--pause=false', 'box', 'two')
  await docker.ok('pause', 'box')
  await docker.ok('commit', 'box', 'three')
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Status}}', 'box'), 'paused')
  await docker.ok('unpause', 'box')
  const said = await pastEvents(docker, '{{.Action}}', 'type=container')
  const relevant = said.filter((action) => /^(pause|unpause|commit)$/.test(action))
  assert.deepEqual(relevant, ['pause', 'unpause', 'commit', 'commit', 'pause', 'commit', 'unpause'])
})

engineTest('kill -9 in the middle of a commit leaves no image, and the container runs on', async (engine) => {
  const { docker, daemon, sh } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await sh('box', 'dd if=/dev/urandom bs=1M count=200 of=/big')
  const commit = docker.run(['commit', 'box', 'half'])
  await eventually(() => docker.ok('inspect', '-f', '{{.State.Status}}', 'box'), 'paused')
  await daemon.kill9()
  await commit
  await daemon.start()
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Status}}', 'box'), 'running')
  assert.equal((await sh('box', 'echo runs')).stdout, 'runs\n')
  assert.equal(await docker.ok('images', '--format', '{{.Repository}}'), 'busybox')
  const tidy = 'ls data/images/tmp; ls data/images/layers | wc -l; ls data/images/blobs/sha256 | wc -l'
  assert.equal(execFileSync('sh', ['-c', tidy], { cwd: daemon.root, encoding: 'utf8' }), '1\n2\n')
  await docker.ok('commit', 'box', 'whole')
  assert.equal((await docker.run(['run', '--rm', 'whole', 'stat', '-c', '%s', '/big'])).stdout, '209715200\n')
})
