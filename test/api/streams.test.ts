import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { engineTest } from '../support/engine-test.ts'
import { type Terminal, untilSize } from '../support/terminal.ts'

engineTest('run in the foreground keeps stdin, stdout, stderr and the exit code', async ({ docker }) => {
  const line = 'cat; echo wrong >&2; exit 5'
  const { code, stdout, stderr } = await docker.run(['run', '-i', '--rm', 'busybox', 'sh', '-c', line], {
    input: 'one\ntwo\n',
  })
  assert.deepEqual({ code, stdout, stderr }, { code: 5, stdout: 'one\ntwo\n', stderr: 'wrong\n' })
})

engineTest('run carries a megabyte both ways, byte for byte', async ({ docker }) => {
  const input = Buffer.from(Array.from({ length: 1 << 20 }, (_, index) => 97 + ((index * 7) % 23)))
  const { code, stdout } = await docker.run(['run', '-i', '--rm', 'busybox', 'cat'], { input })
  assert.equal(code, 0)
  assert.equal(stdout, input.toString())
})

engineTest('the exit code of run says what went wrong before the container ran', async ({ docker }) => {
  const missing = await docker.run(['run', '--rm', 'busybox', 'no-such-program'])
  assert.equal(missing.code, 127)
  assert.match(missing.stderr, /no-such-program/)
  const directory = await docker.run(['run', '--rm', 'busybox', '/etc'])
  assert.match(directory.stderr, /is a directory|permission denied/)
  assert.ok([125, 126].includes(directory.code), 'older clients know this reason by other words')
  // A child is killed, not the first process: that one is deaf to signals from inside.
  const killed = await docker.run(['run', '--rm', 'busybox', 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'])
  assert.equal(killed.code, 137)
  assert.equal(await docker.ok('ps', '-aq'), '')
})

/**
 * Starts a program that waits in the foreground, and sees that it does: busybox's shell loses a Ctrl-C that comes
 * while it forks (one of nine, by hand and without an engine).
 */
async function startReader(terminal: Terminal): Promise<void> {
  terminal.type('cat -n\nhere\n')
  await terminal.expect(/1\there/)
}

engineTest('run -it is a terminal that follows the size of the window', async ({ docker }) => {
  await using terminal = docker.terminal(['run', '-it', '--rm', 'busybox'], { rows: 33, columns: 101 })
  await terminal.expect(/# /)
  terminal.type('stty size; tty\n')
  await terminal.expect(/33 101\r\n\/dev\/(pts\/\d+|console)/)
  await terminal.resize(40, 120)
  terminal.type(untilSize(40, 120))
  await terminal.expect(/as told/)
  terminal.type('exit 3\n')
  assert.equal(await terminal.exited, 3)
})

engineTest('exec -it is a terminal of its own, and exec gives back the exit code', async ({ docker, api }) => {
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await using terminal = docker.terminal(['exec', '-it', '-e', 'X=y', '-w', '/tmp', 'box', 'sh'])
  await terminal.expect(/# /)
  terminal.type('echo $X-$PWD\n')
  await terminal.expect(/y-\/tmp/)
  terminal.type('exit 9\n')
  assert.equal(await terminal.exited, 9)

  const { code, stdout, stderr } = await docker.run(['exec', 'box', 'sh', '-c', 'echo out; echo err >&2; exit 4'])
  assert.deepEqual({ code, stdout, stderr }, { code: 4, stdout: 'out\n', stderr: 'err\n' })
  assert.equal((await docker.run(['exec', 'box', 'no-such-program'])).code, 127)
  const piped = await docker.run(['exec', '-i', 'box', 'cat'], { input: 'through' })
  assert.equal(piped.stdout, 'through')

  const exec = await api.getContainer('box').exec({ Cmd: ['sh', '-c', 'exit 6'], AttachStdout: true })
  await text(await exec.start({}))
  assert.partialDeepStrictEqual(await exec.inspect(), { ID: exec.id, ExitCode: 6, Running: false })
})

engineTest('logs keeps the streams apart, and knows tail, timestamps, since and follow', async ({ docker }) => {
  const line = 'for i in 1 2 3; do echo out$i; done; echo err >&2'
  await docker.ok('run', '--name', 'box', 'busybox', 'sh', '-c', line)
  const { stdout, stderr } = await docker.run(['logs', 'box'])
  assert.deepEqual({ stdout, stderr }, { stdout: 'out1\nout2\nout3\n', stderr: 'err\n' })
  const last = await docker.run(['logs', '--tail', '1', 'box'])
  assert.equal(last.stdout + last.stderr, 'err\n')
  assert.match((await docker.run(['logs', '-t', 'box'])).stdout, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z out1\n/)
  assert.equal((await docker.run(['logs', '--since', '2100-01-01', 'box'])).stdout, '')
  assert.equal((await docker.run(['logs', '-f', 'box'])).stdout, 'out1\nout2\nout3\n', 'follow ends with its container')
})

engineTest('logs -f shows what is written while it follows', async ({ docker, sh }) => {
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await using follower = docker.terminal(['logs', '-f', 'box'])
  await sh('box', 'echo first > /proc/1/fd/1')
  await follower.expect(/first/)
  await sh('box', 'echo second > /proc/1/fd/1')
  await follower.expect(/second/)
})

engineTest('attach talks to the first process, and ctrl-p ctrl-q leaves it running', async ({ docker }) => {
  await docker.ok('run', '-dit', '--name', 'box', 'busybox')
  await using terminal = docker.terminal(['attach', 'box'])
  terminal.type('echo at$((40+2))tached\n')
  await terminal.expect(/at42tached/)
  terminal.type('\x10\x11')
  await terminal.expect(/read escape sequence/)
  await terminal.exited
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Running}}', 'box'), 'true')
})

engineTest('run -it lives through resize, ctrl-c, ctrl-p ctrl-q and attach again', async ({ docker }) => {
  await using first = docker.terminal(['run', '-it', '--name', 'box', 'busybox'], { rows: 30, columns: 90 })
  await first.expect(/# /)
  await startReader(first)
  first.type('\x03')
  await first.expect(/# /)
  first.type('echo after $?\n')
  await first.expect(/after 130/)
  await first.resize(31, 91)
  first.type(untilSize(31, 91))
  await first.expect(/as told/)
  first.type('\x10\x11')
  assert.equal(await first.exited, 0)

  await using second = docker.terminal(['attach', 'box'], { rows: 50, columns: 150 })
  // docker makes the window larger by one and back again, so that the program draws itself anew.
  second.type(untilSize(50, 150))
  await second.expect(/as told/)
  await startReader(second)
  second.type('\x03')
  await second.expect(/# /)
  second.type('echo still $?\n')
  await second.expect(/still 130/)
  second.type('exit 7\n')
  assert.equal(await second.exited, 7)
})

engineTest('attach with other detach keys lets the usual ones through', async ({ docker }) => {
  await docker.ok('run', '-dit', '--name', 'box', 'busybox')
  await using terminal = docker.terminal(['attach', '--detach-keys', 'ctrl-x,q', 'box'])
  terminal.type('stty raw -echo; echo ra$((1))w; dd bs=1 count=2 2>/dev/null | od -An -tx1; stty sane\n')
  await terminal.expect(/ra1w/)
  terminal.type('\x10\x11')
  await terminal.expect(/10 11/)
  terminal.type('\x18q')
  await terminal.exited
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Running}}', 'box'), 'true')
})

engineTest('dockerode attaches, and demultiplexes what Docker multiplexes', async ({ api }) => {
  const container = await api.createContainer({
    Image: 'busybox',
    Cmd: ['sh', '-c', 'read word; echo "$word" >&2; echo done'],
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const stream = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  api.modem.demuxStream(stream, stdout, stderr)
  stream.on('end', () => {
    stdout.end()
    stderr.end()
  })
  await container.start()
  stream.write('hello\n')
  assert.equal((await container.wait()).StatusCode, 0)
  stream.end()
  assert.deepEqual([await text(stdout), await text(stderr)], ['done\n', 'hello\n'])
})
