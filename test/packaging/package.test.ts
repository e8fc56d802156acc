import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { startDaemon } from '../support/daemon.ts'
import { wharfCli } from '../support/docker.ts'
import { run, runOk } from '../support/finished.ts'
import { createHost } from '../support/host.ts'

const top = join(import.meta.dirname, '../..')
const skip = process.getuid?.() === 0 ? false : 'needs root'

let dir = ''
let deb = ''
/** Where the package is unpacked. */
let root = ''
before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wharf-package-'))
  root = join(dir, 'root')
  deb = await runOk(process.execPath, [join(top, 'tools/build-deb.ts'), '--out', dir, '--compression', 'none'])
  await runOk('dpkg-deb', ['-x', deb, root])
})
after(() => rmSync(dir, { recursive: true, force: true }))

test('the package says what it needs, and holds what runs and no more', { skip }, async () => {
  const field = (name: string) => runOk('dpkg-deb', ['-f', deb, name])
  assert.equal(await field('Maintainer'), 'Wharf')
  for (const name of ['crun', 'conmon', 'skopeo', 'libnftables1', 'catatonit']) {
    assert.ok((await field('Depends')).split(', ').includes(name), name)
  }
  const modules = readdirSync(join(root, 'usr/lib/wharf/node_modules'))
  for (const name of ['fastify', 'koffi', 'commander']) assert.ok(modules.includes(name), name)
  for (const name of ['typescript', 'dockerode', '@biomejs']) assert.ok(!modules.includes(name), name)
  const files = (await runOk('dpkg-deb', ['-c', deb])).split('\n')
  assert.deepEqual(
    files.filter((file) => /\.test\.ts$|wharf\/(test|bench|demo|tools)\//.test(file)),
    [],
  )
  assert.equal(await runOk(join(root, 'usr/bin/wharf'), ['--version']), 'Wharf version 0.1.0')
})

test('an engine runs from the package, and its own client talks to it', { skip }, async () => {
  using host = createHost()
  const program = join(root, 'usr/bin/wharf')
  await using daemon = await startDaemon({ host, program: [program] })
  using client = wharfCli(daemon.socket)
  assert.match(await runOk(program, ['version'], { env: client.env }), /Server: Wharf Engine/)
  assert.match(await runOk(program, ['network', 'ls'], { env: client.env }), /bridge/)
  const plugin = await run(join(root, 'usr/lib/cni/wharf-cni'), [], {
    env: { CNI_COMMAND: 'VERSION' },
    input: '{"cniVersion":"1.0.0"}',
  })
  assert.match(plugin.stdout, /supportedVersions/)
})

test('dpkg installs and removes it, and leaves nothing', { skip }, async () => {
  const target = join(dir, 'target')
  const admin = join(target, 'var/lib/dpkg')
  for (const folder of ['info', 'updates', 'triggers']) mkdirSync(join(admin, folder), { recursive: true })
  for (const file of ['status', 'available']) writeFileSync(join(admin, file), '')
  // Its packages are not in there, and its scripts have no shell of their own.
  const dpkg = (...words: string[]) =>
    runOk('dpkg', [
      `--root=${target}`,
      '--force-depends',
      '--force-script-chrootless',
      '--no-triggers',
      '--force-unsafe-io',
      ...words,
    ])
  await dpkg('-i', deb)
  assert.match(await runOk(join(target, 'usr/bin/wharf'), ['--version']), /^Wharf version /)
  assert.notDeepEqual(readdirSync(join(target, 'var/cache/wharf')), [], 'what was compiled is kept')
  await dpkg('-r', 'wharf')
  assert.equal(existsSync(join(target, 'var/cache')), false)
  assert.deepEqual(readdirSync(target), ['var'])
})

test('systemd finds nothing wrong with the units', { skip }, async (t) => {
  const { code, stderr } = await run('systemd-analyze', ['--version']).catch(() => ({ code: 127, stderr: '' }))
  if (code !== 0) {
    t.skip(`systemd-analyze is not here: ${stderr}`)
    return
  }
  // The program is where the package was unpacked, not where it will be.
  const files = ['wharf.service', 'wharf.socket'].map((unit) => join(dir, unit))
  for (const file of files) {
    const text = readFileSync(join(root, 'lib/systemd/system', basename(file)), 'utf8')
    writeFileSync(file, text.replace('/usr/bin/wharf', join(root, 'usr/bin/wharf')))
  }
  const said = await run('systemd-analyze', ['verify', ...files])
  assert.deepEqual([said.code, said.stderr.split('\n').filter((line) => line.includes('wharf'))], [0, []])
})
