import assert from 'node:assert/strict'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { makeLayers, openImageLab, sha256 } from '../support/image-lab.ts'
import { kernelTest } from '../support/kernel.ts'

const nobody = new Map<string, readonly { containerId: string; running: boolean }[]>()
const gently = { force: false, prune: true }

kernelTest('tag() names an image once more, and takes the name from another', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  const one = await lab.importTar('cat one.tar', 'one')
  const two = await lab.importTar('cat two.tar', 'two')
  lab.images.tag('one', 'localhost:5000/a')
  lab.images.tag(two.id.slice(7, 19), 'one:latest')
  assert.deepEqual(lab.images.find(one.id).repoTags, ['localhost:5000/a:latest'])
  assert.deepEqual(lab.images.find('one').repoTags, ['one:latest', 'two:latest'])
  assert.throws(() => lab.images.tag('one', `a@${one.id}`), {
    message: 'refusing to create a tag with a digest reference',
  })
  assert.throws(() => lab.images.tag('nosuch', 'a'), { kind: 'not-found' })
  assert.throws(() => lab.images.tag('one', 'A'), { kind: 'invalid-argument' })
  assert.deepEqual(lab.reopen().list(), lab.images.list(), 'names survive a restart')
})

kernelTest('remove() keeps shared layers until their last image goes', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  await lab.load(lab.dockerArchive('x', ['one.tar', 'two.tar'], ['x:1']))
  await lab.load(lab.dockerArchive('y', ['one.tar'], ['y:1'], { config: { Cmd: ['y'] } }))
  const [x, y] = [lab.images.find('x:1'), lab.images.find('y:1')]
  lab.images.tag('x:1', 'x:2')
  assert.deepEqual(await lab.images.remove('x:1', gently, nobody), [{ Untagged: 'x:1' }])
  const chain = sha256(`${x.layers[0]!.diffId} ${x.layers[1]!.diffId}`)
  assert.deepEqual(await lab.images.remove('x:2', gently, nobody), [
    { Untagged: 'x:2' },
    { Deleted: x.id },
    { Deleted: chain },
  ])
  assert.deepEqual(lab.leftovers(), { blobs: 2, layers: 1, unfinished: 0 })
  assert.deepEqual(await lab.images.remove(y.id, gently, nobody), [
    { Untagged: 'y:1' },
    { Deleted: y.id },
    { Deleted: y.layers[0]!.diffId },
  ])
  assert.deepEqual(lab.leftovers(), { blobs: 0, layers: 0, unfinished: 0 })
  await assert.rejects(lab.images.remove('y:1', gently, nobody), { kind: 'not-found', message: 'No such image: y:1' })
  assert.deepEqual(lab.events.slice(-2), [`untag ${y.id}`, `delete ${y.id}`])
})

kernelTest(
  'remove() by force of what a stopped container uses keeps the layers until the container is gone',
  async () => {
    using lab = openImageLab()
    makeLayers(lab)
    const x = await lab.importTar('cat one.tar', 'x:1')
    const z = await lab.importTar('cat two.tar', 'z:1')
    const used = new Map([[x.id, [{ containerId: 'c'.repeat(64), running: false }]]])
    await assert.rejects(lab.images.remove('x:1', gently, used), { kind: 'conflict' })
    await lab.images.remove('x:1', { force: true, prune: true }, used)
    assert.deepEqual(
      lab.images.list().map(({ id }) => id),
      [z.id],
    )
    assert.throws(() => lab.images.find('x:1'), { kind: 'not-found' })
    const images = lab.reopen()
    await images.recover()
    assert.equal((await images.layerDirs(images.find(x.id))).length, 1)
    await assert.rejects(images.remove(x.id, gently, nobody), { kind: 'not-found' })
    await images.remove('z:1', gently, nobody)
    assert.deepEqual(lab.leftovers(), { blobs: 0, layers: 0, unfinished: 0 })
  },
)

kernelTest('layerDirs() unpacks again what is gone', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  const x = await lab.importTar('cat one.tar', 'x:1')
  lab.shell('rm -r images/layers/*')
  const [directory] = await lab.images.layerDirs(x)
  lab.shell(`cmp ${directory}/bin/busybox /bin/busybox`)
})

kernelTest('collecting garbage beside imports of the same layers never takes one away', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  const importOne = (name: string) =>
    lab.images.importRootfs(createReadStream(join(lab.dir, 'one.tar')), { reference: name, changes: [] }, lab.signal)
  for (let round = 0; round < 10; round++) {
    await importOne(`old:${round}`)
    const [image] = await Promise.all([importOne(`new:${round}`), lab.images.remove(`old:${round}`, gently, nobody)])
    const [directory] = await lab.images.layerDirs(image)
    lab.shell(
      `cmp ${directory}/bin/busybox /bin/busybox; test -f images/blobs/sha256/${image.layers[0]!.digest.slice(7)}`,
    )
    await lab.images.remove(`new:${round}`, gently, nobody)
    assert.deepEqual(lab.leftovers(), { blobs: 0, layers: 0, unfinished: 0 })
  }
})
