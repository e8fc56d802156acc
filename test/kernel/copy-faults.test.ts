import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { type ClientRequest, type IncomingMessage, request } from 'node:http'
import { join } from 'node:path'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { importBusybox } from '../support/image.ts'
import { mountsOf } from '../support/sweep.ts'

/** Begins a request of the API; who calls ends it, or does not. */
function begin({ daemon }: Engine, method: string, path: string): ClientRequest {
  const asked = request({ socketPath: daemon.socket, method, path, agent: false })
  asked.on('error', () => {}) // the connection is cut by us, or with the daemon
  return asked
}

/** Descriptors and threads that the engine has. */
function held({ daemon }: Engine): { readonly files: number; readonly threads: number } {
  const count = (what: string) => readdirSync(`/proc/${daemon.pid}/${what}`).length
  return { files: count('fd'), threads: count('task') }
}

/** Starts a container `runs` and makes one, `still`, that has run; each has 60 MB in /big. */
async function makeBoxes({ docker, sh }: Engine): Promise<void> {
  for (const name of ['runs', 'still']) {
    await docker.ok('run', '-di', '--name', name, 'busybox')
    await sh(name, 'dd if=/dev/urandom bs=1M count=60 of=/big; mkdir /t')
  }
  await docker.ok('stop', '-t', '0', 'still')
}

/** The first bytes of an archive whose file never ends. */
const endless = execFileSync('python3', [
  '-c',
  `import tarfile, sys; i = tarfile.TarInfo('cut'); i.size = 10**9; sys.stdout.buffer.write(i.tobuf() + b'x' * 300000)`,
])

engineTest('clients that hang up half-way, or stop reading, leave nothing behind', async (engine) => {
  const { docker, sh } = engine
  await makeBoxes(engine)
  await docker.ok('cp', 'runs:/t', '-') // one thread stays for a while
  const before = held(engine)
  for (const name of ['runs', 'still']) {
    for (const path of ['archive?path=/big', 'export']) {
      const asked = begin(engine, 'GET', `/containers/${name}/${path}`)
      asked.end()
      const [answer] = (await once(asked, 'response')) as [IncomingMessage]
      await once(answer, 'readable') // and reads no more
      asked.destroy()
    }
    const upload = begin(engine, 'PUT', `/containers/${name}/archive?path=/t`)
    upload.write(endless)
    const runs = () => sh('runs', 'ls /t').then(({ stdout }) => stdout)
    if (name === 'runs') await eventually(runs, 'cut\n')
    upload.destroy()
    if (name === 'runs') await eventually(runs, '')
  }
  await eventually(
    async () => held(engine).threads <= before.threads && held(engine).files <= before.files,
    true,
    10_000,
  )
  await docker.ok('start', 'still')
  assert.equal((await sh('still', 'ls /t; stat -c %s /big')).stdout, '62914560\n')
})

engineTest('a client that stops reading makes the thread wait, in bounded memory', async (engine) => {
  await makeBoxes(engine)
  await engine.docker.ok('diff', 'runs')
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${engine.daemon.pid}/status`, 'utf8'))?.[1])
  const before = memory()
  const stalled = Array.from({ length: 4 }, () => begin(engine, 'GET', '/containers/runs/export'))
  for (const one of stalled) {
    one.end()
    await once(((await once(one, 'response')) as [IncomingMessage])[0], 'readable')
  }
  assert.equal((await engine.sh('runs', 'echo others go on')).stdout, 'others go on\n')
  assert.match(await engine.docker.ok('diff', 'runs'), /A \/big/)
  assert.ok(memory() - before < 120_000, `${memory() - before} KiB more for four threads`)
  for (const one of stalled) one.destroy()
})

engineTest('kill -9 during copies and an export leaves no mount, and containers go on', async (engine) => {
  const { docker, daemon, sh } = engine
  await makeBoxes(engine)
  const mounts = mountsOf(daemon.root)
  const open = ['runs', 'still'].flatMap((name) => {
    const out = begin(engine, 'GET', `/containers/${name}/export`)
    const into = begin(engine, 'PUT', `/containers/${name}/archive?path=/t`)
    out.end()
    into.write(endless)
    return [out, into]
  })
  await Promise.all(open.filter(({ method }) => method === 'GET').map((one) => once(one, 'response')))
  await eventually(async () => (await sh('runs', 'ls /t')).stdout, 'cut\n')
  await daemon.kill9()
  await daemon.start()
  assert.deepEqual(mountsOf(daemon.root), mounts)
  assert.equal((await sh('runs', 'echo runs')).stdout, 'runs\n')
  await docker.ok('start', 'still')
  await docker.ok('cp', 'still:/big', join(daemon.root, 'big'))
  assert.equal((await sh('still', 'stat -c %s /big')).stdout, '62914560\n')
})

engineTest('a full disk: cp and commit say so, and nothing half-made stays', async (engine) => {
  const { docker, daemon, sh } = engine
  await daemon.stop()
  const data = join(daemon.root, 'data')
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', data])
  try {
    await daemon.start()
    await importBusybox(docker)
    await docker.ok('run', '-di', '--name', 'box', 'busybox')
    execFileSync('sh', ['-c', 'mkdir d; head -c 40000000 /dev/urandom > d/big'], { cwd: daemon.root })
    const copy = await docker.run(['cp', join(daemon.root, 'd'), 'box:/'])
    assert.match(copy.stderr, /\/d\/big: no space left on device/)
    assert.equal((await sh('box', 'ls /d')).stdout, '')
    await sh('box', 'head -c 15000000 /dev/urandom > /some')
    const commit = await docker.run(['commit', 'box', 'full'])
    assert.match(commit.stderr, /no space left on device/)
    assert.equal(await docker.ok('inspect', '-f', '{{.State.Status}}', 'box'), 'running')
    assert.deepEqual(readdirSync(join(data, 'images/tmp')), [])
    assert.equal(await docker.ok('images', '--format', '{{.Repository}}'), 'busybox')
    await docker.ok('export', '-o', join(daemon.root, 'e.tar'), 'box')
    await docker.ok('rm', '-f', 'box')
  } finally {
    await daemon.stop()
    execFileSync('umount', ['--lazy', data]) // the resolver goes on, with files of its own in there
  }
})
