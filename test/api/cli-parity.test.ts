import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { untilSize } from '../support/terminal.ts'

engineTest(
  'wharf prints what docker prints',
  async ({ docker, wharf }) => {
    await docker.ok('network', 'create', '--label', 'a=b', 'net')
    await docker.ok('run', '-di', '--name', 'web', '--network', 'net', '-p', '10080:80', '-e', 'A=b', 'busybox')
    await docker.run(['run', '--name', 'done', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 3'])
    const commands: readonly string[][] = [
      ['network', 'ls'],
      ['network', 'ls', '-q', '--no-trunc'],
      ['network', 'ls', '--format', '{{.Name}}\t{{.Driver}}'],
      ['network', 'ls', '-f', 'label=a=b'],
      ['network', 'inspect', 'net', 'bridge'],
      ['network', 'inspect', '-f', '{{range .IPAM.Config}}{{.Subnet}}{{end}}', 'net'],
      ['network', 'inspect', 'nowhere'],
      ['network', 'rm', 'bridge'],
      ['network', 'rm', 'nowhere'],
      ['ps'],
      ['ps', '-a'],
      ['ps', '-aq', '--no-trunc'],
      ['ps', '-a', '--format', '{{.Names}} {{.Status}} {{.Ports}}'],
      ['ps', '-a', '--format', 'json'],
      ['inspect', 'web'],
      ['inspect', '-f', '{{.NetworkSettings.Networks.net.IPAddress}}', 'web'],
      ['inspect', 'nobody'],
      ['port', 'web'],
      ['port', 'web', '80/tcp'],
      ['logs', 'done'],
      ['logs', '-t', 'done'],
      ['logs', 'nobody'],
      ['images'],
      ['images', '-q', '--no-trunc'],
      ['history', 'busybox'],
      ['image', 'inspect', 'busybox'],
      ['exec', 'web', 'sh', '-c', 'echo $A; exit 4'],
      ['exec', 'nobody', 'true'],
      ['rm', 'web'],
      ['rm', 'nobody'],
      ['start', 'nobody'],
      ['wait', 'done'],
      ['create', '--name', 'web', 'busybox'],
    ]
    // Time goes on between the two, and the width of a column with it: widths are held against docker's by the golden
    // tests of the client. And docker prints "exit status 1" below the message of some commands.
    const words = (text: string): string =>
      text
        .replaceAll(/(Less than a second|About a minute|\d+ seconds?)( +ago)?/g, 'a while')
        .replaceAll(/ {2,}/g, '  ')
        .replace(/^exit status 1\n/m, '')
    const different: unknown[] = []
    for (const command of commands) {
      const [theirs, ours] = [await docker.run(command), await wharf.run(command)]
      if (
        ours.code !== theirs.code ||
        words(ours.stdout) !== words(theirs.stdout) ||
        words(ours.stderr) !== words(theirs.stderr)
      ) {
        different.push({ command, theirs, ours })
      }
    }
    assert.deepEqual(different, [])
  },
  { dockerClient: 28 },
)

engineTest('wharf runs, stops and removes containers as docker does', async ({ wharf }) => {
  assert.match(await wharf.ok('network', 'create', 'net'), /^[0-9a-f]{64}$/)
  assert.match(await wharf.ok('run', '-di', '--name', 'box', '-e', 'A=b', 'busybox'), /^[0-9a-f]{64}$/)
  assert.equal(await wharf.ok('network', 'connect', 'net', 'box'), '')
  assert.equal(await wharf.ok('exec', 'box', 'ls', '/sys/class/net'), 'eth0\neth1\nlo')
  assert.equal(await wharf.ok('network', 'disconnect', 'net', 'box'), '')
  {
    await using terminal = wharf.terminal(['exec', '-it', 'box', 'sh'], { rows: 30, columns: 99 })
    await terminal.expect(/# /)
    terminal.type(untilSize(30, 99))
    await terminal.expect(/as told/)
    terminal.type('exit 2\n')
    assert.equal(await terminal.exited, 2)
  }
  assert.equal(await wharf.ok('stop', '-t', '0', 'box'), 'box')
  assert.equal(await wharf.ok('start', 'box'), 'box')
  assert.equal(await wharf.ok('rm', '-f', 'box'), 'box')
  assert.equal(await wharf.ok('network', 'rm', 'net'), 'net')
  const { code, stdout, stderr } = await wharf.run(
    ['run', '-i', '--rm', 'busybox', 'sh', '-c', 'cat; echo e >&2; exit 5'],
    {
      input: 'in\n',
    },
  )
  assert.deepEqual({ code, stdout, stderr }, { code: 5, stdout: 'in\n', stderr: 'e\n' })
})

engineTest('wharf doctor tells what this kernel can do', async ({ wharf, host }) => {
  const { code, stdout } = await host.exec(wharf.program[0]!, [...wharf.program.slice(1), 'doctor'], { env: wharf.env })
  assert.ok(code === 0 || code === 1)
  assert.match(stdout, /bridge/)
  assert.match(stdout, /nft/)
})

engineTest('wharf completes for bash, zsh and fish', async ({ wharf }) => {
  for (const shell of ['bash', 'zsh', 'fish']) assert.match(await wharf.ok('completion', shell), /wharf/)
})
