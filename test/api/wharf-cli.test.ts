import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { untilSize } from '../support/terminal.ts'

// Ages change while the two are compared; everything else of a table must not.
const withoutAges = (table: string): string =>
  table.replaceAll(/(About an? |Less than a |\d+ )(second|minute|hour)s?( ago)?/g, 'AGE')
const squeezed = (table: string): string => withoutAges(table).replaceAll(/ +/g, ' ')

engineTest(
  'wharf shows an engine as docker shows it',
  async ({ docker, wharf }) => {
    await docker.ok('network', 'create', '--subnet', '172.30.0.0/16', '--label', 'team=blue', 'net10')
    await wharf.ok('network', 'create', 'net2')
    await wharf.ok(
      'run',
      '-d',
      '--name',
      'web',
      '-p',
      '8080:80',
      '-p',
      '9000-9002:9000-9002/udp',
      '--expose',
      '70',
      '-l',
      'a=b',
      'busybox',
      'sleep',
      '1000',
    )
    await docker.ok(
      'run',
      '-d',
      '--name',
      'two',
      '--network',
      'net10',
      '--ip',
      '172.30.0.9',
      '-p',
      '127.0.0.1:8443:443',
      'busybox',
      'sleep',
      '1000',
    )
    await wharf.ok(
      'create',
      '--name',
      'made',
      '--network',
      'name=net10,alias=x',
      '--network',
      'net2',
      'busybox',
      'sh',
      '-c',
      'echo a long command line',
    )
    await wharf.run(['run', '--name', 'gone', 'busybox', 'false'])
    for (const line of [
      'ps',
      'ps -a',
      'ps -a --no-trunc',
      'ps -as',
      'network ls',
      'images',
      'images --digests',
      'history busybox',
    ]) {
      assert.equal(squeezed(await wharf.ok(...line.split(' '))), squeezed(await docker.ok(...line.split(' '))), line)
    }
    const exact = [
      'ps -aq',
      'network ls --format json',
      'inspect web two made gone',
      'network inspect bridge net2 net10',
      'image inspect busybox',
      'port web',
      'port two 443',
      'top web -o pid,args',
    ]
    for (const line of exact)
      assert.equal(await wharf.ok(...line.split(' ')), await docker.ok(...line.split(' ')), line)
  },
  { dockerClient: 28 },
)

engineTest(
  'wharf refuses as docker does, with the same words and exit codes',
  async ({ docker, wharf }) => {
    await wharf.ok('run', '-d', '--name', 'web', '-p', '8080:80', 'busybox', 'sleep', '1000')
    const lines = [
      'inspect nosuch',
      'logs nosuch',
      'exec web nosuch',
      'rm web',
      'start nosuch',
      'rename web web',
      'port web 99',
      'network connect nosuch web',
      'network disconnect host web',
      'network create bridge',
      'rmi nosuch',
      'run --rm busybox nosuch',
      'run --name web busybox',
      'run --network nosuch busybox',
      'run -p 99999 busybox',
      'create --name web busybox',
      'create -p 99999 busybox',
      'attach nosuch',
      'pause nosuch',
      'tag nosuch x',
    ]
    for (const line of lines) {
      const [theirs, ours] = [await docker.run(line.split(' ')), await wharf.run(line.split(' '))]
      assert.deepEqual({ line, code: ours.code }, { line, code: theirs.code })
      const words = (text: string): string =>
        text
          .replaceAll('docker', 'wharf')
          .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
          .replace('invalid containerPort', 'Invalid containerPort') // docker 28.5 writes it so
      assert.equal(words(ours.stderr), words(theirs.stderr), line)
    }
  },
  { dockerClient: 28 },
)

engineTest('wharf run keeps streams apart, follows the window, and lets go at ctrl-p ctrl-q', async ({ wharf }) => {
  const piped = await wharf.run(['run', '-i', '--rm', 'busybox', 'sh', '-c', 'cat; echo wrong >&2; exit 5'], {
    input: 'one\n',
  })
  assert.deepEqual(piped, { code: 5, stdout: 'one\n', stderr: 'wrong\n' })
  await using terminal = wharf.terminal(['run', '-it', '--name', 'box', 'busybox'], { rows: 33, columns: 101 })
  await terminal.expect(/# /)
  terminal.type(untilSize(33, 101))
  await terminal.expect(/as told/)
  await terminal.resize(40, 120)
  terminal.type(untilSize(40, 120))
  await terminal.expect(/as told/)
  terminal.type('\x10\x11')
  assert.equal(await terminal.exited, 0)
  await using again = wharf.terminal(['attach', 'box'])
  await again.expect(/# /)
  again.type('exit 4\n')
  assert.equal(await again.exited, 4)
})

engineTest('wharf run passes signals on, and cleans up after itself', async ({ wharf }) => {
  await using terminal = wharf.terminal([
    'run',
    '--rm',
    '--name',
    'box',
    'busybox',
    'sh',
    '-c',
    'trap "echo got it; exit 9" INT; echo ready; while :; do sleep 0.1; done',
  ])
  await terminal.expect(/ready/)
  terminal.type('\x03')
  await terminal.expect(/got it/)
  assert.equal(await terminal.exited, 9)
  assert.equal(await wharf.ok('ps', '-aq'), '')
})
