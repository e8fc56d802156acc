import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { hostileTar } from '../support/hostile-tars.ts'

/** Sends an archive to a directory of the container `box`. */
function put({ api }: Engine, archive: Buffer, path = '/t'): Promise<unknown> {
  return api.getContainer('box').putArchive(Readable.from([archive]), { path })
}

engineTest('archives that climb out are refused, and nothing is written outside of the container', async (engine) => {
  const { docker, daemon, sh } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await sh('box', 'mkdir /t; echo mine > /mine')
  const outside = join(daemon.root, 'outside')
  mkdirSync(outside)
  writeFileSync(join(outside, 'theirs'), 'theirs')
  const refused: readonly (readonly [calls: string, words: RegExp])[] = [
    [`add('../up', 'x')`, /"\.\.\/up\\?" is outside of \\?"\/t\\?"/],
    [`add('a/../../up', 'x')`, /is outside of/],
    [`directory('..')`, /is outside of/],
    [`hardlink('l', '../mine')`, /invalid hardlink \\?"\/t\/l\\?" -> \\?"\.\.\/mine\\?"/],
    [`symlink('out', '${outside}'); hardlink('l', 'out/theirs')`, /no such file|Could not find/],
    [`symlink('out', '${outside}'); add('out/pwned', 'x')`, /no such file|Could not find/],
    [`add('x', type=b'M')`, /unhandled tar header type 77/],
    [`add('.', 'x')`, /cannot overwrite directory \\?"\/t\\?"/],
    [`add('x', 'x', uid=2**32)`, /invalid argument/],
  ]
  for (const [calls, words] of refused) await assert.rejects(put(engine, hostileTar(calls)), words, calls)
  assert.deepEqual(readdirSync(outside), ['theirs'])
  assert.equal((await sh('box', 'ls /up /t/up; cat /mine')).stdout, 'mine\n')
  // Links are followed inside of the container, as its processes would follow them.
  const up = '../'.repeat(20)
  await put(
    engine,
    hostileTar(`symlink('e', '${up}etc'); symlink('e2', 'e'); add('e2/new', 'inside'); add('/abs', 'x')`),
  )
  assert.equal((await sh('box', 'cat /etc/new; ls /abs /t/abs')).stdout, 'inside/t/abs\n')
  assert.ok(!existsSync('/etc/new') && !existsSync('/abs'))
  for (const path of ['/proc/1/root/t', '/proc/1/cwd', '/proc/self/fd']) {
    await assert.rejects(
      put(engine, hostileTar(`add('x', 'x')`), path),
      /too many|Could not find|not a directory/,
      path,
    )
  }
})

engineTest('odd archives: duplicates, devices, names, and what is no archive', async (engine) => {
  const { docker, sh } = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await sh('box', 'mkdir /t')
  await put(
    engine,
    hostileTar(`add('f', 'one'); add('f', 'two'); directory('d'); add('d/x', 'x'); add('d', 'file'); directory('d')
add('null', type=tarfile.CHRTYPE, devmajor=1, devminor=3, mode=0o666); add('pipe', type=tarfile.FIFOTYPE)
add('new\\nline\\udcff', 'odd'); add('n' * 200 + '/deep', 'long'); hardlink('again', 'f'); directory('late/sub')`),
  )
  const seen = await sh(
    'box',
    'cd /t; cat f again; ls d; stat -c "%F %t:%T" null pipe; cat new*; cat n*/deep; stat -c %h f',
  )
  assert.equal(seen.stdout, 'twotwocharacter special file 1:3\nfifo 0:0\noddlong2\n')

  const file = hostileTar(`add('big', 'x' * 600)`)
  const cut = file.subarray(0, 700)
  const gigabyte = Buffer.concat([sized(file.subarray(0, 512), '10000000000'), Buffer.alloc(10, 'x')])
  const wrong = Buffer.from(file)
  wrong[0]! ^= 1
  const noSpace = hostileTar(`tar.fileobj.write(b'noise' * 400)`)
  const longHeader = Buffer.concat([
    sized(hostileTar(`add('x', type=b'x')`).subarray(0, 512), '00010000000'),
    Buffer.alloc(4096),
  ])
  for (const [archive, words] of [
    [cut, /unexpected EOF/],
    [gigabyte, /unexpected EOF/],
    [wrong, /invalid tar header/],
    [noSpace, /invalid tar header/],
    [longHeader, /header field too long/],
  ] as const) {
    await assert.rejects(put(engine, archive), words)
    assert.equal(
      (await sh('box', 'ls /t/big /t/x 2>&1 | grep -c "No such"')).stdout,
      '2\n',
      'a file that is cut is taken away',
    )
  }
})

/** A header with another size, and the checksum that belongs to it. */
function sized(header: Buffer, octal: string): Buffer {
  const block = Buffer.from(header)
  block.write(`${octal}\0`, 124)
  block.write('        ', 148)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

engineTest(
  'a process that swaps a directory for a link while files are copied leads nothing astray',
  async (engine) => {
    const { docker, daemon, sh } = engine
    const outside = join(daemon.root, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'f0'), 'theirs')
    await docker.ok('run', '-di', '--name', 'box', 'busybox')
    await sh('box', `mkdir -p /t/d ${outside}; ln -s ${outside} /t/link`)
    const swap = 'while :; do mv /t/d /t/o; mv /t/link /t/d; mv /t/d /t/link; mv /t/o /t/d; done'
    await docker.ok('exec', '-d', 'box', 'sh', '-c', `${swap} 2>/dev/null`)
    const files = hostileTar(`directory('d')\nfor i in range(200): add(f'd/f{i}', 'copied', mode=0o4755, uid=7)`)
    let passes = 0
    for (let round = 0; round < 6 || passes === 0; round++) {
      const isTaken = put(engine, files).then(
        () => true,
        () => false, // it met the link
      )
      if (await isTaken) passes++
      await docker.run(['cp', 'box:/t/d', '-'])
    }
    assert.deepEqual(readdirSync(outside), ['f0'])
    await assert.rejects(docker.ok('cp', 'box:/t/d/f0/../../../../../../../../../../no', '-'), /Could not find/)
  },
)
