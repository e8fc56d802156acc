import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdirSync,
  mkdtempDisposableSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import { ensureRootfs, removeRootfs } from '../../src/container/rootfs.ts'
import {
  cgroupDirs,
  cgroupMode,
  cgroupProcesses,
  ensureUsableCgroups,
  removeCgroup,
} from '../../src/kernel/cgroups/cgroups.ts'
import { RootedFiles } from '../../src/kernel/files/rooted-files.ts'
import {
  isMountPoint,
  mountBind,
  mountFileSystem,
  mountOverlay,
  readMounts,
  removeMount,
  removeMountAsync,
} from '../../src/kernel/mounts.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { identify, ProcessHandle } from '../../src/kernel/processes/processes.ts'
import { listenUnix, SeqpacketSocket } from '../../src/kernel/sockets/seqpacket.ts'
import { kernelTest } from '../support/kernel.ts'

function makeDir() {
  return mkdtempDisposableSync(join(tmpdir(), 'wharf-mounts-'))
}

kernelTest('mountOverlay() takes more lower directories than fit into a page, and odd names', () => {
  using dir = makeDir()
  const path = (name: string) => {
    mkdirSync(join(dir.path, name), { recursive: true })
    return join(dir.path, name)
  }
  const lower = Array.from({ length: 100 }, (_, i) => path(`layer-${'x'.repeat(60)}-${i}`))
  for (const [i, layer] of lower.entries()) writeFileSync(join(layer, `file${i}`), String(i))
  const odd = path('a:b,c')
  writeFileSync(join(odd, 'odd'), '')
  for (const dirs of [lower, [odd]]) {
    const target = path('merged')
    mountOverlay({ lower: dirs, upper: path(`upper${dirs.length}`), work: path(`work${dirs.length}`), target })
    assert.equal(readdirSync(target).length, dirs.length)
    removeMount(target)
  }
})

kernelTest('removeMount() and isMountPoint() agree with the kernel, also about what is not there', async () => {
  using dir = makeDir()
  const [source, target] = [join(dir.path, 'source'), join(dir.path, 'target')]
  for (const path of [source, target]) mkdirSync(path)
  mountFileSystem('tmpfs', source, { options: 'size=1m', flags: ['noSuid', 'noExec'] })
  mountBind(source, target, { readOnly: true })
  assert.throws(() => writeFileSync(join(target, 'x'), ''), { code: 'EROFS' })
  assert.deepEqual([source, target, dir.path, '/no/such'].map(isMountPoint), [true, true, false, false])
  assert.equal(readMounts().filter((mount) => mount.target === target)[0]?.type, 'tmpfs')
  for (const remove of [removeMount, removeMountAsync]) {
    for (const path of [target, source, target, '/no/such']) await remove(path)
    assert.deepEqual([source, target].map(isMountPoint), [false, false])
    for (const path of [source, target]) mountFileSystem('tmpfs', path)
  }
  for (const path of [source, target]) removeMount(path)
})

kernelTest('ensureRootfs() and removeRootfs() may be called again and again, and keep what was written', async () => {
  using dir = makeDir()
  const layer = join(dir.path, 'layer')
  mkdirSync(join(layer, 'etc'), { recursive: true, mode: 0o750 })
  writeFileSync(join(layer, 'etc/passwd'), 'x')
  const paths = { dir: join(dir.path, 'c'), runDir: '', rootfs: join(dir.path, 'c/rootfs'), log: '' }
  await removeRootfs(paths)
  for (const round of [1, 2]) {
    await ensureRootfs(paths, [layer])
    await ensureRootfs(paths, [layer])
    assert.equal(readMounts().filter(({ target }) => target === paths.rootfs).length, 1)
    assert.equal(existsSync(join(paths.rootfs, 'kept')), round === 2)
    writeFileSync(join(paths.rootfs, 'kept'), '')
    assert.deepEqual(readdirSync(paths.rootfs).sort(), ['.dockerenv', 'dev', 'etc', 'kept', 'proc', 'sys'])
    assert.equal(execFileSync('stat', ['-c', '%a', join(paths.rootfs, 'etc')], { encoding: 'utf8' }), '750\n')
    await removeRootfs(paths)
    await removeRootfs(paths)
  }
  assert.deepEqual(readdirSync(join(paths.dir, 'upper')), ['kept'])
})

kernelTest('ensureUsableCgroups() leaves no controller to version 2 on a hybrid machine', () => {
  const mode = ensureUsableCgroups(silentLog)
  assert.equal(ensureUsableCgroups(silentLog), mode)
  assert.equal(cgroupMode(), mode)
  if (mode === 'hybrid') assert.equal(readFileSync('/sys/fs/cgroup/unified/cgroup.controllers', 'utf8').trim(), '')
})

kernelTest('cgroupProcesses() and removeCgroup() see groups below groups', async () => {
  const path = `/wharf-kernel-test-${process.pid}`
  const below = cgroupMode() === 'unified' ? `/sys/fs/cgroup${path}/inner` : `/sys/fs/cgroup/pids${path}/inner`
  mkdirSync(below, { recursive: true })
  const child = spawn('sleep', ['1000'])
  await once(child, 'spawn')
  const closed = once(child, 'close')
  writeFileSync(join(below, 'cgroup.procs'), String(child.pid))
  assert.deepEqual(cgroupProcesses(path), [child.pid])
  assert.throws(() => removeCgroup(path), { code: 'EBUSY' })
  child.kill('SIGKILL')
  await closed
  removeCgroup(path)
  removeCgroup(path)
  assert.deepEqual([cgroupDirs(path), cgroupProcesses(path)], [[], []])
})

kernelTest('ProcessHandle reaches one process, and never a later one of its number', async () => {
  await using poller = new Poller()
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const closed = once(child, 'close')
  const identity = identify(child.pid!)!
  assert.equal(ProcessHandle.open({ ...identity, startTime: identity.startTime + 1 }), undefined)
  using handle = ProcessHandle.open(identity)!
  assert.equal(handle.signal(0), true)
  assert.equal(handle.signal(9), true)
  await handle.ended(poller)
  await closed
  assert.equal(handle.signal(9), false)
  assert.equal(ProcessHandle.open(identity), undefined)
  assert.equal(identify(child.pid!), undefined)
})

kernelTest('RootedFiles cannot be led out of its root', () => {
  using dir = makeDir()
  mkdirSync(join(dir.path, 'etc'))
  writeFileSync(join(dir.path, 'etc/own'), 'own')
  symlinkSync('/etc/own', join(dir.path, 'absolute'))
  symlinkSync('../../../../../../etc/own', join(dir.path, 'relative'))
  symlinkSync('/etc/hostname', join(dir.path, 'outside'))
  symlinkSync('loop', join(dir.path, 'loop'))
  execFileSync('mkfifo', [join(dir.path, 'fifo')])
  using files = new RootedFiles(dir.path)
  const paths = [
    '/etc/own',
    'absolute',
    'relative',
    '../../etc/own',
    'outside',
    'loop',
    'fifo',
    'etc',
    'etc/own/x',
    'none',
  ]
  assert.deepEqual(
    paths.map((path) => files.read(path)),
    ['own', 'own', 'own', 'own', ...Array(6).fill(undefined)],
  )
  assert.equal(files.stat('/etc')?.isDirectory(), true)
  assert.equal(files.stat('/nothing'), undefined)
})

kernelTest('SeqpacketSocket.connect() and listenUnix() take paths of any length', async () => {
  using dir = makeDir()
  const deep = join(dir.path, 'd'.repeat(120), 'e'.repeat(120))
  mkdirSync(deep, { recursive: true })
  const path = join(deep, 'socket')
  assert.throws(() => SeqpacketSocket.connect(path), { errno: 'ENOENT' })
  {
    using _ = listenUnix(path)
    assert.equal(existsSync(path), true)
    // A listener of another kind, and afterwards nobody at all.
    assert.throws(() => SeqpacketSocket.connect(path), { errno: 'EPROTOTYPE' })
  }
  assert.throws(() => SeqpacketSocket.connect(path), { errno: 'ECONNREFUSED' })
  assert.throws(() => listenUnix(path), { errno: 'EADDRINUSE' })
})
