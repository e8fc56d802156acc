import assert from 'node:assert/strict'
import { existsSync, lstatSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { unpackLayer } from '../../src/image/layers/unpack.ts'
import { libcFunction } from '../../src/kernel/libc.ts'
import { openImageLab, sha256 } from '../support/image-lab.ts'
import { kernelTest } from '../support/kernel.ts'

const { signal } = new AbortController()

const lsetxattr = libcFunction(
  'int lsetxattr(const char *path, const char *name, const uint8_t *value, size_t size, int flags)',
)
const lgetxattr = libcFunction('int64_t lgetxattr(const char *path, const char *name, uint8_t *value, size_t size)')
/** cap_net_raw+ep, as the kernel stores it. */
const netRaw = Buffer.from('0100000200200000000000000000000000000000', 'hex')

function setAttribute(path: string, name: string, value: Buffer): void {
  assert.equal(lsetxattr(path, name, value, value.length, 0), 0)
}

function attribute(path: string, name: string): Buffer | undefined {
  const value = Buffer.alloc(256)
  const length = Number(lgetxattr(path, name, value, value.length))
  return length < 0 ? undefined : value.subarray(0, length)
}

/** Packs a directory that a script fills, unpacks it as a layer, and answers the layer's directory. */
async function roundTrip(
  lab: Disposable & { dir: string; shell(script: string): string },
  script: string,
  pack = '',
  more = (_: string) => {},
) {
  lab.shell(`mkdir -p in out; cd in; ${script}`)
  more(join(lab.dir, 'in'))
  lab.shell(`tar -C in ${pack} --xattrs --xattrs-include='*' -cf layer.tar .`)
  const facts = await unpackLayer({ path: join(lab.dir, 'layer.tar') }, join(lab.dir, 'out'), { signal })
  return { facts, out: join(lab.dir, 'out') }
}

kernelTest('unpackLayer() keeps owners, modes, times, links, devices, attributes and holes', async () => {
  using lab = openImageLab()
  const { out, facts } = await roundTrip(
    lab,
    `echo hello > file; chown 1234:4321 file; chmod 4711 file; touch -d '2001-02-03 04:05:06.789' file
     ln file hard; ln -s /etc/passwd soft; ln -s ../../x up
     mkdir -m 1777 tmp; mkdir -m 0555 ro; echo x > ro/x; touch -d '2002-01-01' ro tmp
     mknod null c 1 3; mknod blk b 7 0; mkfifo pipe
     truncate -s 64M sparse; echo end >> sparse
     truncate -s 0 note`,
    '--sparse',
    (directory) => {
      setAttribute(join(directory, 'note'), 'user.note', Buffer.from('text'))
      setAttribute(join(directory, 'file'), 'security.capability', netRaw)
      setAttribute(join(directory, 'tmp'), 'trusted.overlay.redirect', Buffer.from('/bad'))
    },
  )
  const stat = (name: string) => lstatSync(join(out, name))
  const file = stat('file')
  assert.deepEqual([file.uid, file.gid, (file.mode & 0o7777).toString(8), file.nlink], [1234, 4321, '4711', 2])
  assert.equal(file.mtimeMs, Date.parse('2001-02-03T04:05:06.789Z'))
  assert.equal(stat('hard').ino, file.ino)
  assert.ok(stat('soft').isSymbolicLink() && stat('up').isSymbolicLink())
  assert.deepEqual(
    ['tmp', 'ro'].map((name) => (stat(name).mode & 0o7777).toString(8)),
    ['1777', '555'],
  )
  assert.equal(stat('ro').mtimeMs, Date.parse('2002-01-01'))
  assert.ok(stat('null').isCharacterDevice() && stat('null').rdev === 0x103 && stat('blk').isBlockDevice())
  assert.ok(stat('pipe').isFIFO())
  assert.equal(stat('sparse').size, 64 * 1024 * 1024 + 4)
  assert.ok(stat('sparse').blocks * 512 < 1024 * 1024, 'holes stay holes')
  assert.deepEqual(attribute(join(out, 'note'), 'user.note'), Buffer.from('text'))
  assert.deepEqual(attribute(join(out, 'file'), 'security.capability'), netRaw)
  assert.equal(attribute(join(out, 'tmp'), 'trusted.overlay.redirect'), undefined)
  assert.equal(facts.diffId, sha256(readFileSync(join(lab.dir, 'layer.tar'))))
  assert.equal(facts.unpackedSize, 64 * 1024 * 1024 + 4 + 'hello\n'.length + 'x\n'.length)
})

kernelTest('unpackLayer() turns whiteouts into what overlayfs hides by', async () => {
  using lab = openImageLab()
  const long = 'n'.repeat(120)
  lab.shell(`mkdir -p lower/etc lower/old/deep lower/again lower/dir lower/${long}
    touch lower/etc/gone lower/etc/stay lower/old/deep/x lower/again/before lower/dir/below lower/${long}/gone lower/file`)
  const { out } = await roundTrip(
    lab,
    `mkdir -p etc old again dir ${long}; touch etc/.wh.gone old/.wh..wh..opq old/new dir/.wh.below
     touch .wh.again again/after .wh.file file ${long}/.wh.gone .wh..wh.aufs; mkdir .wh..wh.plnk; touch .wh..wh.plnk/1.2
     touch -d 2003-03-03 etc old dir`,
  )
  const gone = lstatSync(join(out, 'etc/gone'))
  assert.ok(gone.isCharacterDevice() && gone.rdev === 0)
  assert.equal(statSync(join(out, 'etc')).mtimeMs, Date.parse('2003-03-03'))
  assert.ok(lstatSync(join(out, 'file')).isFile(), 'a file of the layer itself is not hidden')
  const view = lab.shell(`mkdir view; mount -t overlay overlay -o lowerdir=out:lower view
    (cd view; find . -mindepth 1 | sort); umount view`)
  assert.deepEqual(view.trim().split('\n'), [
    './again',
    './again/after',
    './dir',
    './etc',
    './etc/stay',
    './file',
    `./${long}`,
    './old',
    './old/new',
  ])
})

kernelTest('unpackLayer() never leaves its directory', async () => {
  using lab = openImageLab()
  lab.shell(`mkdir -p outside in out a; echo secret > outside/kept; ln -s ../outside in/escape; echo x > a/file
    tar -C in -cf layer.tar escape
    rm in/escape; mkdir in/escape; echo bad > in/escape/kept; touch in/escape/.wh.kept
    tar -C in -rf layer.tar escape/kept escape/.wh.kept
    tar -C a -P --transform 's|^file|../outside/up|' -rf layer.tar file
    tar -C a -P --transform "s|^file|$PWD/outside/absolute|" -rf layer.tar file`)
  await unpackLayer({ path: join(lab.dir, 'layer.tar') }, join(lab.dir, 'out'), { signal }).then(
    () => {},
    (error) => assert.equal(error.name, 'EngineError'),
  )
  assert.equal(lab.shell('find outside | sort; cat outside/kept'), 'outside\noutside/kept\nsecret\n')
})

kernelTest('applyWhiteouts() refuses a whiteout behind a link, and one that names no entry', async () => {
  using lab = openImageLab()
  const attempt = async (script: string) => {
    lab.shell(`rm -rf in out; mkdir in out; cd in; ${script}`)
    return unpackLayer({ path: join(lab.dir, 'layer.tar') }, join(lab.dir, 'out'), { signal })
  }
  const link = attempt(`mkdir real; ln -s real link; touch real/.wh.x
    tar --no-recursion --transform 's|^real/.wh|link/.wh|' -cf ../layer.tar real link real/.wh.x`)
  await assert.rejects(link, { kind: 'invalid-argument', message: /not a directory of the layer/ })
  await assert.rejects(attempt('touch .wh... ; tar -cf ../layer.tar .wh...'), { kind: 'invalid-argument' })
})

kernelTest('unpackLayer() says in Docker words what is wrong with a layer', async () => {
  using lab = openImageLab()
  lab.shell(`mkdir in; head -c 300000 /dev/urandom > in/data; tar -C in -cf good.tar .; gzip -k good.tar; zstd -q good.tar
    head -c 200000 good.tar > cut.tar; head -c 200000 good.tar.gz > cut.tar.gz; head -c 200000 good.tar.zst > cut.tar.zst
    cp good.tar.gz bad.tar.gz; printf XXXXXXXX | dd of=bad.tar.gz bs=1 seek=100000 conv=notrunc 2>/dev/null
    head -c 4096 /dev/urandom > noise`)
  const digest = (file: string) => sha256(readFileSync(join(lab.dir, file)))
  const unpack = (file: string, expected: { digest?: string; diffId?: string }) => {
    lab.shell('rm -rf out; mkdir out')
    return unpackLayer({ path: join(lab.dir, file), ...expected }, join(lab.dir, 'out'), { signal })
  }
  const wrong = `sha256:$'0'.repeat(64)`
  const verification = { kind: 'internal', message: `filesystem layer verification failed for digest ${wrong}` }
  for (const file of ['good.tar', 'good.tar.gz', 'cut.tar.gz', 'bad.tar.gz', 'noise'])
    await assert.rejects(unpack(file, { digest: wrong }), verification, file)
  await assert.rejects(unpack('good.tar.gz', { digest: digest('good.tar.gz'), diffId: wrong }), {
    message: `invalid diffID for layer: expected "${wrong}", got "${digest('good.tar')}"`,
  })
  for (const file of ['cut.tar', 'cut.tar.gz', 'cut.tar.zst'])
    await assert.rejects(
      unpack(file, { digest: digest(file) }),
      { message: 'failed to register layer: unexpected EOF' },
      file,
    )
  await assert.rejects(unpack('bad.tar.gz', { digest: digest('bad.tar.gz') }), /failed to register layer: /)
  await assert.rejects(unpack('noise', {}), { message: 'failed to register layer: archive/tar: invalid tar header' })
  for (const file of ['good.tar', 'good.tar.gz', 'good.tar.zst']) {
    const facts = await unpack(file, { digest: digest(file), diffId: digest('good.tar') })
    assert.deepEqual([facts.digest, facts.unpackedSize], [digest(file), 300000])
  }
})

kernelTest('unpackLayer() stops tar when its signal aborts', async () => {
  using lab = openImageLab()
  lab.shell('mkdir in out; truncate -s 64M in/big; tar -C in -cf layer.tar .')
  const abort = new AbortController()
  const reason = new Error('enough')
  const onRead = () => abort.abort(reason)
  const work = unpackLayer({ path: join(lab.dir, 'layer.tar') }, join(lab.dir, 'out'), { signal: abort.signal, onRead })
  await assert.rejects(work, reason)
  assert.ok(!existsSync(join(lab.dir, 'out/big')) || statSync(join(lab.dir, 'out/big')).size < 64 * 1024 * 1024)
})
