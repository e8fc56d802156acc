import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createReadStream, createWriteStream, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

import { imageHistory } from '../../src/api/views/image.ts'
import type { ImageRecord } from '../../src/image/images.ts'
import { type ImageLab, makeLayers, openImageLab, sha256 } from '../support/image-lab.ts'
import { kernelTest } from '../support/kernel.ts'

const nobody = new Map<string, readonly { containerId: string; running: boolean }[]>()
const gently = { force: false, prune: true }

function diffIds({ layers }: ImageRecord): readonly string[] {
  return layers.map(({ diffId }) => diffId)
}

async function save(lab: ImageLab, file: string, ...names: string[]): Promise<void> {
  const stream = await lab.images.save(names, lab.signal)
  const closed = once(stream, 'close')
  await pipeline(stream, createWriteStream(join(lab.dir, file)))
  await closed
}

kernelTest('importRootfs() makes an image of one layer from any compression', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  lab.shell('gzip -k one.tar; zstd -q one.tar; xz -0 -k one.tar; bzip2 -k one.tar')
  const diffId = sha256(readFileSync(join(lab.dir, 'one.tar')))
  for (const file of ['one.tar', 'one.tar.gz', 'one.tar.zst', 'one.tar.xz', 'one.tar.bz2']) {
    const options = {
      reference: `x:${file}`,
      message: 'hello',
      changes: ['CMD ["sh"]', 'ENV A=1'],
      platform: 'linux/arm64',
    }
    const image = await lab.images.importRootfs(createReadStream(join(lab.dir, file)), options, lab.signal)
    assert.partialDeepStrictEqual(image, {
      repoTags: [`x:${file}`],
      comment: 'hello',
      architecture: 'arm64',
      config: { Cmd: ['sh'], Env: ['A=1'] },
      size: statSync('/bin/busybox').size,
    })
    assert.equal(image.layers[0]!.diffId, diffId)
    const [directory] = await lab.images.layerDirs(image)
    lab.shell(`cmp ${directory}/bin/busybox /bin/busybox`)
  }
  assert.equal(lab.leftovers().layers, 1, 'one layer, whatever it came compressed with')
})

kernelTest('importRootfs() refuses bad options before it reads, and bad archives without a trace', async () => {
  using lab = openImageLab()
  const attempt = (bytes: string, options: { reference?: string; changes?: string[]; platform?: string } = {}) =>
    lab.images.importRootfs(Readable.from([Buffer.from(bytes)]), { changes: [], ...options }, lab.signal)
  await assert.rejects(attempt('', { reference: 'A' }), { kind: 'invalid-argument' })
  await assert.rejects(attempt('', { reference: `a@sha256:${'0'.repeat(64)}` }), {
    message: 'cannot import digest reference',
  })
  await assert.rejects(attempt('', { changes: ['RUN x'] }), { message: 'run is not a valid change command' })
  await assert.rejects(attempt('', { platform: 'a/b/c/d' }), { kind: 'invalid-argument' })
  await assert.rejects(attempt('no archive'.repeat(1000)), {
    message: 'failed to register layer: archive/tar: invalid tar header',
  })
  await assert.rejects(attempt('\x1f\x8b\x08 no gzip'), { kind: 'internal', message: /^failed to register layer: / })
  await assert.rejects(attempt('BZh no bzip2'), { kind: 'internal', message: /"bzip2": the data is corrupt$/ })
  const abort = new AbortController()
  const silent = new Readable({ read() {} })
  const work = lab.images.importRootfs(silent, { changes: [] }, abort.signal)
  abort.abort(new Error('gone'))
  await assert.rejects(work, /gone/)
  assert.deepEqual(lab.leftovers(), { blobs: 0, layers: 0, unfinished: 0 })
})

kernelTest('load() reads what old and new engines and OCI tools write, and tells it as Docker does', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  const file = lab.dockerArchive('x', ['one.tar', 'two.tar'], ['x:1', 'localhost:5000/x:2'])
  lab.shell(`skopeo --insecure-policy copy -q docker-archive:x.tar:x:1 oci-archive:oci.tar:localhost/x:oci
    skopeo --insecure-policy copy -q docker-archive:x.tar:x:1 oci-archive:bare.tar:latest
    mkdir old; tar -C old -xf x.tar; mv old/1/layer.tar old/0/second.tar; ln -s ../0/second.tar old/1/layer.tar; tar -C old -cf old.tar .
    for c in gzip xz bzip2 zstd; do $c -k -q old.tar; done`)
  const [one, two] = ['one.tar', 'two.tar'].map((name) => sha256(readFileSync(join(lab.dir, name))))
  const lines = await lab.load(file)
  assert.deepEqual(
    [...new Set(lines.filter(({ status }) => status === 'Loading layer').map(({ id }) => id))],
    [one!.slice(7, 19), two!.slice(7, 19)],
  )
  assert.deepEqual(
    lines.flatMap(({ stream }) => stream ?? []),
    ['Loaded image: x:1\n', 'Loaded image: localhost:5000/x:2\n'],
  )
  const image = lab.images.find('x:1')
  assert.deepEqual(diffIds(image), [one, two])
  assert.deepEqual(
    imageHistory(image).map(({ Id, CreatedBy, Size }) => [Id, CreatedBy, Size]),
    [
      [image.id, 'ADD two.tar', 4],
      ['<missing>', 'ADD one.tar', image.size - 4],
    ],
  )
  assert.deepEqual(
    (await lab.images.layerDirs(image)).map((dir) => readdirSync(dir)),
    [['etc'], ['bin']],
  )

  for (const suffix of ['', '.gz', '.xz', '.bz2', '.zst']) {
    const again = await lab.load(`old.tar${suffix}`)
    assert.deepEqual(
      again.map(({ stream }) => stream),
      ['Loaded image: x:1\n', 'Loaded image: localhost:5000/x:2\n'],
    )
  }
  assert.equal(lab.images.list().length, 1)
  const oci = await lab.load('oci.tar')
  assert.deepEqual(
    oci.map(({ stream }) => stream),
    ['Loaded image: localhost/x:oci\n'],
  )
  const bare = await lab.load('bare.tar')
  assert.match(bare.at(-1)!.stream!, /^Loaded image ID: sha256:[0-9a-f]{64}\n$/)
  assert.deepEqual(new Set(lab.images.list().map((other) => `${diffIds(other)}`)), new Set([`${one},${two}`]))
  assert.equal(lab.leftovers().layers, 2)
})

kernelTest('load() tells whose name an image takes', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  const before = await lab.importTar('cat one.tar', 'x:1')
  const lines = await lab.load(lab.dockerArchive('x', ['two.tar'], ['x:1']))
  assert.ok(
    lines.some(
      ({ stream }) =>
        stream === `The image x:1 already exists, renaming the old one with ID ${before.id} to empty string\n`,
    ),
  )
  assert.deepEqual(lab.images.find(before.id).repoTags, [])
})

kernelTest('load() refuses what is no archive of images, and leaves nothing of it', async () => {
  using lab = openImageLab()
  makeLayers(lab)
  lab.dockerArchive('x', ['one.tar', 'two.tar'], ['x:1'])
  lab.shell(`mkdir bad; tar -C bad -xf x.tar; echo nonsense > noise; head -c 100000 x.tar > cut.tar
    (cd bad; tar -cf ../no-index.tar 0; rm 1/layer.tar; tar -cf ../no-layer.tar .; ln -s /etc/passwd 1/layer.tar; tar -cf ../escape.tar .
    rm 1/layer.tar; echo other > 1/layer.tar; tar -cf ../other.tar .; echo '[{' > manifest.json; tar -cf ../json.tar .
    echo '[{"Config":"../../../../etc/passwd","Layers":[]}]' > manifest.json; tar -cf ../climb.tar .
    rm manifest.json; mkdir manifest.json; tar -cf ../directory.tar .)`)
  const files = [
    'noise',
    'cut.tar',
    'no-index.tar',
    'no-layer.tar',
    'escape.tar',
    'other.tar',
    'json.tar',
    'climb.tar',
    'directory.tar',
  ]
  for (const file of files) {
    await assert.rejects(lab.load(file), { name: 'EngineError' }, file)
    assert.deepEqual(lab.leftovers(), { blobs: 0, layers: 0, unfinished: 0 }, file)
  }
  lab.shell('tar -cf empty -T /dev/null')
  await assert.rejects(lab.load('empty'), {
    kind: 'invalid-argument',
    message: /no manifest\.json and no index\.json$/,
  })
})

kernelTest(
  'save() writes one archive that skopeo reads in both forms, and load() brings back the same images',
  async () => {
    using lab = openImageLab()
    makeLayers(lab)
    await lab.load(lab.dockerArchive('x', ['one.tar', 'two.tar'], ['x:1', 'x:2']))
    await lab.load(lab.dockerArchive('y', ['one.tar'], ['localhost:5000/y:1'], { config: { Cmd: ['y'] } }))
    const nameless = await lab.importTar('cat two.tar', 'gone:1')
    const [x, y] = [lab.images.find('x:1'), lab.images.find('localhost:5000/y:1')]
    await save(lab, 'all.tar', 'x', 'localhost:5000/y:1', nameless.id.slice(7, 19))
    const inspect = (reference: string) => JSON.parse(lab.shell(`skopeo inspect ${reference}`))
    assert.deepEqual(inspect('docker-archive:all.tar:x:2').Layers, diffIds(x))
    assert.deepEqual(inspect('docker-archive:all.tar:localhost:5000/y:1').Layers, diffIds(y))
    assert.deepEqual(JSON.parse(lab.shell('skopeo inspect --config --raw docker-archive:all.tar:x:1')).config, x.config)
    await save(lab, 'one.oci', 'localhost:5000/y:1')
    const oci = JSON.parse(lab.shell('skopeo inspect --raw oci-archive:one.oci:1'))
    assert.equal(oci.config.digest, y.id)
    lab.shell('skopeo --insecure-policy copy -q oci-archive:one.oci:1 dir:copied')
    const index = JSON.parse(lab.shell('tar -xOf all.tar index.json'))
    assert.deepEqual(
      index.manifests.map(
        (entry: { annotations?: Record<string, string> }) => entry.annotations?.['io.containerd.image.name'],
      ),
      ['docker.io/library/x:1', 'docker.io/library/x:2', 'localhost:5000/y:1', undefined],
    )
    using other = openImageLab()
    const loaded = await other.images.load(createReadStream(join(lab.dir, 'all.tar')), () => {}, other.signal)
    assert.deepEqual(loaded, ['x:1', 'x:2', 'localhost:5000/y:1', nameless.id])
    const facts = (images: ImageLab['images']) =>
      images.list().map(({ id, size, layers }) => ({ id, size, layers: layers.map((layer) => layer.diffId) }))
    assert.deepEqual(facts(other.images), facts(lab.images))

    await assert.rejects(lab.images.save(['x:1', 'nosuch'], lab.signal), {
      kind: 'not-found',
      message: 'No such image: nosuch:latest',
    })
  },
)

kernelTest('save() goes on when its image is removed, and cleans up when nobody reads it', async () => {
  using lab = openImageLab()
  const noise = await lab.importTar('mkdir n; head -c 5000000 /dev/urandom > n/x; tar -C n -cf - .', 'x:1')
  const stream = await lab.images.save(['x:1'], lab.signal)
  const read = once(stream, 'close')
  await lab.images.remove('x:1', gently, nobody)
  await pipeline(stream, createWriteStream(join(lab.dir, 'x.tar')))
  await read
  await lab.load('x.tar')
  assert.equal(lab.images.find('x:1').id, noise.id)
  const abort = new AbortController()
  const unread = await lab.images.save(['x:1'], abort.signal)
  const closed = new Promise((resolve) => unread.on('error', () => {}).on('close', resolve))
  abort.abort()
  await closed
  assert.equal(lab.leftovers().unfinished, 0)
})
