import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { mountFileSystem, removeMount } from '../../src/kernel/mounts.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { refusal } from '../support/refusal.ts'

/** What a container of its own prints. */
function once({ docker }: Engine, ...args: string[]): Promise<string> {
  return docker.ok('run', '--rm', ...args)
}

engineTest('inspect shows each mount as Docker does, and volumes-from passes them on', async (engine) => {
  const { docker, api, daemon } = engine
  const dir = join(daemon.root, 'host')
  mkdirSync(dir)
  const mounts = ['-v', 'data:/a', '-v', `${dir}:/b:ro,z`, '--mount', 'type=volume,src=data,dst=/c,readonly']
  const more = ['--mount', `type=bind,src=${dir},dst=/d`, '--mount', 'type=tmpfs,dst=/e', '--tmpfs', '/f:size=1m']
  await docker.ok('create', '--name', 'donor', ...mounts, ...more, 'busybox')
  const data = join(daemon.root, 'data/volumes/data/_data')
  const volume = { Type: 'volume', Name: 'data', Source: data, Driver: 'local', Propagation: '' }
  const bind = { Type: 'bind', Source: dir, Propagation: 'rprivate' }
  const byPlace = (list: { Destination: string }[]) => list.toSorted((x, y) => (x.Destination < y.Destination ? -1 : 1))
  assert.deepEqual(byPlace((await api.getContainer('donor').inspect()).Mounts), [
    { ...volume, Destination: '/a', Mode: 'z', RW: true },
    { ...bind, Destination: '/b', Mode: 'ro,z', RW: false },
    { ...volume, Destination: '/c', Mode: 'z', RW: false },
    { ...bind, Destination: '/d', Mode: '', RW: true },
    { Type: 'tmpfs', Source: '', Destination: '/e', Mode: '', RW: true, Propagation: '' },
  ])
  await docker.ok('create', '--name', 'heir', '--volumes-from', 'donor:ro', '-v', 'other:/a', 'busybox')
  const inherited = byPlace((await api.getContainer('heir').inspect()).Mounts) as Record<string, unknown>[]
  assert.deepEqual(
    inherited.map(({ Destination, Name, Mode, RW }) => [Destination, Name, Mode, RW]),
    [
      ['/a', 'other', 'z', true],
      ['/b', undefined, '', false],
      ['/c', 'data', '', false],
      ['/d', undefined, '', false],
      ['/e', undefined, '', false],
    ],
  )
  assert.equal(await refusal(engine, 'run', '--volumes-from', 'nobody', 'busybox'), 'No such container: nobody')
  assert.equal(await docker.ok('ps', '-a', '-f', 'volume=data', '--format', '{{.Names}}'), 'heir\ndonor')
})

engineTest('mounts do what their options say', async (engine) => {
  const { daemon } = engine
  const dir = join(daemon.root, 'host')
  mkdirSync(join(dir, 'inner'), { recursive: true })
  const sh = (line: string, ...args: string[]) => once(engine, ...args, 'busybox', 'sh', '-c', `${line} 2>&1 || true`)
  const options = async (place: string, ...args: string[]) =>
    (await sh(`grep " ${place} " /proc/mounts`, ...args)).split(' ').slice(2, 4).join(' ')
  assert.match(
    await options('/t', '--tmpfs', '/t:size=1m,mode=700,exec'),
    /^tmpfs rw,nosuid,nodev,relatime,size=1024k,mode=700/,
  )
  assert.match(
    await options('/t', '--mount', 'type=tmpfs,dst=/t,tmpfs-size=2m,tmpfs-mode=1770'),
    /size=2048k,mode=1770/,
  )
  assert.match(await options('/d', '--mount', `type=bind,src=${dir},dst=/d,readonly`), /^ext4 ro,|^\S+ ro,/)
  assert.match(await sh('touch /v/x', '-v', 'data:/v:ro'), /Read-only file system/)
  assert.equal(await sh('echo deep > /v/inner/x; cat /v/inner/x', '-v', 'inner:/v/inner', '-v', `${dir}:/v`), 'deep')
  assert.deepEqual(readdirSync(join(dir, 'inner')), [], 'the inner mount lies on the outer one, whatever comes first')
  assert.match(await sh('cat /etc/hosts', '-v', 'etc:/etc', '--hostname', 'here'), /here/)
  assert.ok(!existsSync(join(dir, 'made')))
  await sh('true', '-v', `${join(dir, 'made')}:/m`)
  assert.ok(statSync(join(dir, 'made')).isDirectory())
  const words = 'invalid mount config for type "bind": bind source path does not exist: /no/such'
  assert.equal(await refusal(engine, 'run', '--mount', 'type=bind,src=/no/such,dst=/m', 'busybox'), words)
  assert.equal(await refusal(engine, 'run', '-v', 'a1:/m', '-v', 'b1:/m/', 'busybox'), 'Duplicate mount point: /m')
})

engineTest('read-only reaches what is mounted below, unless it is not meant to', async (engine) => {
  const { docker, daemon, sh } = engine
  const dir = join(daemon.root, 'outer')
  mkdirSync(join(dir, 'below'), { recursive: true })
  mountFileSystem('tmpfs', join(dir, 'below'))
  try {
    const touch = (options: string) =>
      once(engine, '--mount', `type=bind,src=${dir},dst=/m${options}`, 'busybox', 'sh', '-c', 'touch /m/below/x 2>&1; ls /m/below; rm -f /m/below/x') // biome-ignore format: one line
    assert.equal(await touch(''), 'x')
    assert.match(await touch(',readonly'), /Read-only file system/)
    assert.equal(await touch(',readonly,bind-recursive=writable'), 'x')
    assert.match(await touch(',readonly,bind-recursive=readonly,bind-propagation=rprivate'), /Read-only file system/)
    writeFileSync(join(dir, 'below/seen'), '')
    assert.equal(await touch(',bind-recursive=disabled,readonly'), "touch: /m/below/x: Read-only file system\nrm: can't remove '/m/below/x': Read-only file system".split('\n')[0]) // biome-ignore format: one line
    await docker.ok('run', '-di', '--name', 'private', '-v', `${dir}:/m`, 'busybox')
  } finally {
    removeMount(join(dir, 'below'))
  }
  const below = async (name: string) => (await sh(name, 'grep -c " /m/below " /proc/mounts')).stdout.trim()
  assert.equal(await below('private'), '1', 'it keeps what it had')
})

engineTest('mounts go to the host and come from it as a propagation says', async (engine) => {
  const { docker, daemon, sh, host } = engine
  const dir = join(daemon.root, 'outer')
  mkdirSync(dir)
  mountFileSystem('tmpfs', dir)
  try {
    await host.execOk('mount', ['--make-private', dir])
    const no = `path ${dir} is mounted on ${dir} but it is not`
    assert.equal(await refusal(engine, 'run', '--rm', '-v', `${dir}:/m:rshared`, 'busybox'), `${no} a shared mount`)
    assert.equal(
      await refusal(engine, 'run', '--rm', '-v', `${dir}:/m:slave`, 'busybox'),
      `${no} a shared or slave mount`,
    )
    await host.execOk('mount', ['--make-shared', dir])
    for (const mode of ['rslave', 'rshared', 'rprivate']) {
      await docker.ok('run', '-di', '--name', mode, '--privileged', '-v', `${dir}:/m:${mode}`, 'busybox')
    }
    mkdirSync(join(dir, 'late'))
    await host.execOk('mount', ['-t', 'tmpfs', 'late', join(dir, 'late')])
    const sees = async (name: string, what: string) =>
      (await sh(name, `grep -c "^${what} " /proc/mounts`)).stdout.trim()
    const seen = await Promise.all(['rslave', 'rshared', 'rprivate'].map((name) => sees(name, 'late')))
    assert.deepEqual(seen, ['1', '1', '0'])
    await sh('rshared', 'mkdir /m/own && mount -t tmpfs own /m/own')
    assert.match(await host.execOk('cat', ['/proc/self/mounts']), new RegExp(`^own ${dir}/own `, 'm'))
    await docker.ok('rm', '-f', 'rslave', 'rshared', 'rprivate')
  } finally {
    for (const path of ['own', 'late', '']) removeMount(join(dir, path))
  }
})

engineTest('sources that cannot be made, and volumes that somebody mounts into, are told', async (engine) => {
  const { docker, daemon } = engine
  symlinkSync('/no/such/place', join(daemon.root, 'dangling'))
  const source = join(daemon.root, 'dangling')
  const words = await refusal(engine, 'run', '--rm', '-v', `${source}:/m`, 'busybox', 'true')
  assert.ok(words.startsWith(`error while creating mount source path '${source}': `), words)
  await docker.ok('volume', 'create', 'data')
  const inside = join(daemon.root, 'data/volumes/data/_data/inside')
  mkdirSync(inside)
  mountFileSystem('tmpfs', inside)
  writeFileSync(join(inside, 'precious'), '')
  try {
    assert.equal(await refusal(engine, 'volume', 'rm', 'data'), `remove data: something is mounted at ${inside}`)
    assert.ok(existsSync(join(inside, 'precious')))
  } finally {
    removeMount(inside)
  }
  await docker.ok('volume', 'rm', 'data')
})

engineTest('a path inside of a volume is shown alone, and never leads out of it', async (engine) => {
  const { docker, daemon } = engine
  const dir = join(daemon.root, 'data/volumes/data/_data')
  await docker.ok('volume', 'create', 'data')
  mkdirSync(join(dir, 'a/b'), { recursive: true })
  writeFileSync(join(dir, 'a/b/file'), 'inside')
  symlinkSync('a/b', join(dir, 'near'))
  symlinkSync('/etc', join(dir, 'far'))
  symlinkSync('../../..', join(dir, 'up'))
  const mount = (path: string) => ['--mount', `type=volume,src=data,dst=/v,volume-subpath=${path}`]
  assert.equal(await once(engine, ...mount('a/b'), 'busybox', 'cat', '/v/file'), 'inside')
  assert.equal(await once(engine, ...mount('near'), 'busybox', 'cat', '/v/file'), 'inside')
  assert.equal(await once(engine, ...mount('a/b/file'), 'busybox', 'cat', '/v'), 'inside')
  const escapes = (path: string) => `cannot access path ${join(dir, path)}: path escapes the volume`
  for (const path of ['far', 'up', 'far/passwd']) {
    assert.equal(await refusal(engine, 'run', '--rm', ...mount(path), 'busybox', 'true'), escapes(path))
  }
  const gone = `cannot access path ${join(dir, 'none')}: no such file or directory`
  assert.equal(await refusal(engine, 'run', '--rm', ...mount('none'), 'busybox', 'true'), gone)
  const local = 'invalid mount config for type "volume": subpath must be a relative path within the volume'
  assert.equal(await refusal(engine, 'run', ...mount('../x'), 'busybox', 'true'), local)
  await docker.ok('run', '-di', '--name', 'box', ...mount('a/b'), 'busybox')
  await daemon.kill9()
  await daemon.start()
  await docker.ok('rm', '-f', 'box')
  assert.equal(readFileSync(join(dir, 'a/b/file'), 'utf8'), 'inside')
})

engineTest('anonymous volumes live as long as their container, and longer unless asked', async (engine) => {
  const { docker, daemon, sh } = engine
  await docker.ok('run', '-di', '--name', 'box', '-v', '/data', 'busybox')
  await sh('box', 'echo kept > /data/file')
  await docker.ok('restart', '-t', '0', 'box')
  assert.equal((await sh('box', 'cat /data/file')).stdout, 'kept\n')
  await docker.ok('create', '--name', 'heir', '--volumes-from', 'box', 'busybox')
  await docker.ok('rm', '-fv', 'box')
  const volumes = async () => (await docker.ok('volume', 'ls', '-q')).split('\n').filter(Boolean).length
  assert.equal(await volumes(), 1, 'the heir still has it')
  await docker.ok('rm', '-v', 'heir')
  assert.equal(await volumes(), 0)
  await docker.ok('run', '--rm', '-v', '/data', 'busybox', 'true')
  assert.equal(await volumes(), 0)
  await docker.ok('run', '--name', 'plain', '-v', '/data', 'busybox', 'true')
  await docker.ok('rm', 'plain')
  assert.equal(await volumes(), 1)
  assert.equal(await once(engine, '-v', 'x1:/d', 'busybox', 'sh', '-c', 'echo x > /d/f; cat /d/f'), 'x')
  assert.deepEqual(readdirSync(join(daemon.root, 'data/containers')), [])
})
