import assert from 'node:assert/strict'
import type { Cli } from '../support/docker.ts'
import { engineTest } from '../support/engine-test.ts'
import { rawHttp } from '../support/raw-http.ts'

engineTest('a container goes from created over running, paused and exited to gone', async ({ docker, api }) => {
  const state = (name: string) => docker.ok('inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', name)
  await docker.ok('create', '-i', '--name', 'box', 'busybox')
  assert.equal(await state('box'), 'created 0')
  await docker.ok('start', 'box')
  assert.equal(await state('box'), 'running 0')
  await docker.ok('pause', 'box')
  assert.equal(await state('box'), 'paused 0')
  assert.match(await docker.ok('ps', '--format', '{{.Status}}'), /^Up .*\(Paused\)$/)
  await docker.ok('unpause', 'box')
  await docker.ok('kill', 'box')
  assert.equal(await docker.ok('wait', 'box'), '137')
  assert.equal(await state('box'), 'exited 137')
  assert.equal(await docker.ok('ps', '-q'), '')
  assert.match(await docker.ok('ps', '-a', '--format', '{{.Names}} {{.Status}}'), /^box Exited \(137\)/)
  await docker.ok('restart', 'box')
  assert.equal(await state('box'), 'running 0')
  const refusal = await docker.run(['rm', 'box'])
  assert.match(refusal.stderr, /cannot remove container.*container is running/)
  await docker.ok('rm', '-f', 'box')
  await assert.rejects(api.getContainer('box').inspect(), { statusCode: 404 })
})

engineTest('rm without force leaves a container alone that starts at the same moment', async ({ docker, daemon }) => {
  const http = rawHttp(daemon.socket)
  await docker.ok('create', '-i', '--name', 'box', 'busybox')
  const starting = http('POST', '/v1.51/containers/box/start')
  const removing = http('DELETE', '/v1.51/containers/box')
  const [started, removed] = (await Promise.all([starting, removing])).map(({ status }) => status)
  // Either may come first.
  assert.deepEqual([started, removed], started === 404 ? [404, 204] : [204, 409])
})

engineTest('stop sends SIGTERM, and SIGKILL when that is not heard', async ({ docker }) => {
  const trap = "trap 'exit 7' TERM; echo ready; while :; do sleep 0.1; done"
  await docker.ok('run', '-d', '--name', 'polite', 'busybox', 'sh', '-c', trap)
  await docker.ok('run', '-d', '--name', 'deaf', 'busybox', 'sleep', '1000')
  await followUntil(docker, 'polite', /ready/)
  await docker.ok('stop', 'polite')
  await docker.ok('stop', '-t', '0', 'deaf')
  assert.equal(await docker.ok('inspect', '-f', '{{.State.ExitCode}}', 'polite', 'deaf'), '7\n137')
  // Only when its child runs has the init program taken over the signals: until then the kernel drops SIGTERM.
  await docker.ok('run', '-d', '--init', '--name', 'reaped', 'busybox', 'sh', '-c', 'echo ready; exec sleep 1000')
  await followUntil(docker, 'reaped', /ready/)
  await docker.ok('stop', 'reaped')
  assert.equal(await docker.ok('inspect', '-f', '{{.State.ExitCode}}', 'reaped'), '143')
})

engineTest('run takes the settings of docker run', async ({ docker, daemon }) => {
  const sh = (flags: string[], line: string) => docker.run(['run', '--rm', ...flags, 'busybox', 'sh', '-c', line])
  assert.equal((await sh(['-e', 'A=b', '-w', '/tmp', '-h', 'box'], 'echo $A $PWD $(hostname)')).stdout, 'b /tmp box\n')
  assert.equal((await sh(['-u', '65534:65534'], 'id -u; id -g')).stdout, '65534\n65534\n')
  assert.equal((await sh(['-v', `${daemon.root}:/mnt:ro`], 'ls /mnt; touch /mnt/x')).code, 1)
  assert.match((await sh(['-v', `${daemon.root}:/mnt`], 'ls /mnt')).stdout, /daemon\.json/)
  assert.notEqual((await sh(['--read-only'], 'touch /x')).code, 0)
  assert.equal((await sh(['--tmpfs', '/t', '--read-only'], 'touch /t/x')).code, 0)
  assert.notEqual((await sh([], 'ip link add x0 type veth')).code, 0, 'no CAP_NET_ADMIN unless given')
  assert.equal((await sh(['--cap-add', 'NET_ADMIN'], 'ip link set lo down')).code, 0)
  assert.notEqual((await sh(['--cap-drop', 'CHOWN'], 'touch /f; chown 1 /f')).code, 0)
  assert.match((await sh(['--privileged'], 'grep CapEff /proc/self/status')).stdout, /CapEff:\t0*[1-9a-f]/)
  const entry = await docker.run(['run', '--rm', '--entrypoint', 'echo', 'busybox', 'words'])
  assert.equal(entry.stdout, 'words\n')
  assert.equal((await sh(['--init'], 'cat /proc/1/comm')).stdout.trim().length > 0, true)
  assert.equal(await docker.ok('ps', '-aq'), '', '--rm removes')
})

engineTest('restart policies bring a container back', async ({ docker, api }) => {
  const line = 'echo once; [ -e /was ] && exec sleep 1000; touch /was; exit 3'
  await docker.ok('run', '-d', '--restart', 'on-failure:3', '--name', 'box', 'busybox', 'sh', '-c', line)
  await followUntil(docker, 'box', /once[\s\S]*once/)
  const { RestartCount, State } = await api.getContainer('box').inspect()
  assert.deepEqual([RestartCount, State.Running], [1, true])
})

engineTest('ps, rename, top and inspect say what docker says', async ({ docker }) => {
  const id = await docker.ok('run', '-di', '--name', 'box', '--label', 'a=b', 'busybox')
  assert.match(
    await docker.ok('ps'),
    new RegExp(
      `^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\\n${id.slice(0, 12)} +busybox +"sh" +.* ago +Up .* +box$`,
    ),
  )
  assert.equal(await docker.ok('ps', '-q', '--no-trunc', '-f', 'label=a=b'), id)
  assert.equal(await docker.ok('ps', '-q', '-f', 'name=nothing'), '')
  await docker.ok('rename', 'box', 'chest')
  assert.equal(await docker.ok('inspect', '-f', '{{.Name}}', id.slice(0, 6)), '/chest')
  assert.match(await docker.ok('top', 'chest'), /PID[\s\S]*sh/)
  const clash = await docker.run(['create', '--name', 'chest', 'busybox'])
  assert.match(clash.stderr, /Conflict\. The container name "\/chest" is already in use by container/)
})

engineTest('events tell what happened, in the order of Docker', async ({ docker, api }) => {
  const since = String((await api.info()).SystemTime ?? 0)
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-d', '--network', 'net', '--name', 'box', 'busybox', 'true')
  await docker.ok('wait', 'box')
  await docker.ok('rm', 'box')
  await docker.ok('network', 'rm', 'net')
  const until = String(Math.ceil(Date.now() / 1000)) // the client knows whole seconds only
  const words = ['events', '--since', since, '--until', until, '--format', '{{.Type}} {{.Action}}']
  const seen = (await docker.ok(...words)).split('\n').filter((line) => !line.startsWith('image'))
  assert.deepEqual(
    seen.filter((line) => !/attach|exec/.test(line)),
    [
      'network create',
      'container create',
      'network connect',
      'container start',
      'container die',
      'network disconnect',
      'container destroy',
      'network destroy',
    ],
  )
})

/** Follows a container's log until it fits. */
async function followUntil(docker: Cli, name: string, pattern: RegExp): Promise<void> {
  await using terminal = docker.terminal(['logs', '-f', name])
  await terminal.expect(pattern)
}

engineTest('of two who remove one container at once, one is told that it is gone', async ({ docker }) => {
  for (const state of ['create', 'run']) {
    const words =
      state === 'run' ? ['run', '-d', '--name', 'box', 'busybox', 'sleep', '100'] : ['create', '--name', 'box']
    await docker.ok(...words, ...(state === 'run' ? [] : ['busybox']))
    const answers = await Promise.all([1, 2].map(() => docker.run(['rm', '-f', 'box'])))
    assert.equal(answers.filter(({ stdout }) => stdout.trim() === 'box').length, 1, JSON.stringify(answers))
    assert.equal((await docker.ok('ps', '-aq')).trim(), '')
  }
})
