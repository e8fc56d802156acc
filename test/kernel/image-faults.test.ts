import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { RegistryAuth } from '../../src/image/images.ts'
import { type ImageLab, openImageLab, sha256 } from '../support/image-lab.ts'
import {
  bringUpLoopback,
  type FakeImage,
  registryAddress,
  respondError,
  startFakeRegistry,
} from '../support/image-registry.ts'
import { kernelTest } from '../support/kernel.ts'

const nothing = { blobs: 0, layers: 0, unfinished: 0 }
const name = `${registryAddress}/x:1`

/** A layer of random data, compressed, with the digest of its tar. */
function makeLayer(lab: ImageLab, file: string, bytes = 300_000): { readonly blob: Buffer; readonly diffId: string } {
  lab.shell(`mkdir -p ${file}.d; head -c ${bytes} /dev/urandom > ${file}.d/${file}; tar -C ${file}.d -cf ${file}.tar .`)
  const tar = readFileSync(join(lab.dir, `${file}.tar`))
  return { blob: gzipSync(tar, { level: 1 }), diffId: sha256(tar) }
}

function imageOf(...layers: { readonly blob: Buffer; readonly diffId: string }[]): FakeImage {
  return { layers: layers.map(({ blob }) => blob), diffIds: layers.map(({ diffId }) => diffId) }
}

function pull(lab: ImageLab, options: { auth?: RegistryAuth; platform?: string } = {}, signal = lab.signal) {
  return lab.images.pull(name, options, () => {}, signal)
}

kernelTest('pull() leaves nothing of an image whose layer is not what its digest says', async ({ namespace }) => {
  using lab = openImageLab(namespace)
  bringUpLoopback(namespace)
  const [good, bad] = [makeLayer(lab, 'good'), makeLayer(lab, 'bad')]
  const claimed = `sha256:${'1'.repeat(64)}`
  const image = { ...imageOf(good, bad), digests: [sha256(good.blob), claimed] }
  await using _ = await startFakeRegistry(namespace, { 1: [image] })
  await assert.rejects(pull(lab), {
    kind: 'internal',
    message: `filesystem layer verification failed for digest ${claimed}`,
  })
  assert.deepEqual(lab.leftovers(), nothing)
})

kernelTest('pull() leaves nothing of an image whose layer unpacks to something else', async ({ namespace }) => {
  using lab = openImageLab(namespace)
  bringUpLoopback(namespace)
  const [one, two] = [makeLayer(lab, 'one'), makeLayer(lab, 'two')]
  const image = { ...imageOf(one, two), diffIds: [one.diffId, one.diffId] }
  await using _ = await startFakeRegistry(namespace, { 1: [image] })
  await assert.rejects(pull(lab), /invalid diffID for layer/)
  assert.deepEqual(lab.leftovers(), nothing)
  assert.deepEqual(lab.images.list(), [])
})

kernelTest('pull() leaves nothing of an image whose layer is cut, corrupt or no archive', async ({ namespace }) => {
  using lab = openImageLab(namespace)
  bringUpLoopback(namespace)
  const { blob, diffId } = makeLayer(lab, 'one')
  const corrupt = Buffer.from(blob)
  corrupt.fill(0x58, 100_000, 100_100)
  const broken = { cut: blob.subarray(0, 200_000), corrupt, noise: Buffer.alloc(5000, 'noise') }
  const tags = Object.entries(broken).map(([tag, layer]) => [tag, [imageOf({ blob: layer, diffId })]])
  await using _ = await startFakeRegistry(namespace, Object.fromEntries(tags))
  for (const tag of Object.keys(broken)) {
    const work = lab.images.pull(`${registryAddress}/x:${tag}`, {}, () => {}, lab.signal)
    await assert.rejects(work, { kind: 'internal', message: /^failed to register layer: / }, tag)
    assert.deepEqual(lab.leftovers(), nothing)
  }
})

kernelTest(
  'pull() refuses a configuration and a manifest that are not what their digests say',
  async ({ namespace }) => {
    using lab = openImageLab(namespace)
    bringUpLoopback(namespace)
    const layer = makeLayer(lab, 'one')
    await using registry = await startFakeRegistry(namespace, {
      1: [imageOf(layer)],
      2: [imageOf(layer), { ...imageOf(layer), architecture: 'arm64' }],
    })
    registry.intercept = (request, response) => {
      if (!/blobs|manifests\/sha256/.test(request.url!)) return false
      response.end('{"schemaVersion":2,"rootfs":{"type":"layers","diff_ids":[]},"config":{},"layers":[]}')
      return true
    }
    await assert.rejects(pull(lab), { kind: 'internal' })
    await assert.rejects(
      lab.images.pull(`${registryAddress}/x:2`, {}, () => {}, lab.signal),
      { kind: 'internal' },
    )
    assert.deepEqual(lab.leftovers(), nothing)
  },
)

kernelTest('pull() takes the asked platform of an index', async ({ namespace }) => {
  using lab = openImageLab(namespace)
  bringUpLoopback(namespace)
  const [amd64, arm64] = [makeLayer(lab, 'amd64'), makeLayer(lab, 'arm64')]
  await using _ = await startFakeRegistry(namespace, {
    1: [imageOf(amd64), { ...imageOf(arm64), architecture: 'arm64' }],
  })
  const image = await pull(lab, { platform: 'linux/arm64/v8' })
  assert.deepEqual([image.architecture, image.layers[0]!.diffId], ['arm64', arm64.diffId])
  assert.equal((await pull(lab, { platform: 'linux/amd64' })).architecture, 'amd64')
  assert.deepEqual(lab.images.find(image.id).repoTags, [])
  await assert.rejects(pull(lab, { platform: 'linux/s390x' }), {
    kind: 'not-found',
    message: 'no matching manifest for linux/s390x in the manifest list entries',
  })
})

kernelTest('pull() logs in with what it is given, and keeps the password nowhere', async ({ namespace }) => {
  using lab = openImageLab(namespace)
  bringUpLoopback(namespace)
  await using registry = await startFakeRegistry(namespace, { 1: [imageOf(makeLayer(lab, 'one'))] })
  const right = `Basic ${Buffer.from('me:secret').toString('base64')}`
  registry.intercept = (request, response) => {
    if (request.headers.authorization === right) return false
    response.setHeader('WWW-Authenticate', 'Basic realm="test"')
    respondError(response, 401, 'UNAUTHORIZED', 'authentication required')
    return true
  }
  await assert.rejects(pull(lab), {
    kind: 'not-found',
    message: `pull access denied for ${registryAddress}/x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied`,
  })
  await assert.rejects(pull(lab, { auth: { username: 'me', password: 'wrong' } }), {
    kind: 'internal',
    message: 'unauthorized: authentication required',
  })
  await pull(lab, { auth: { username: 'me', password: 'secret' } })
  assert.deepEqual(lab.leftovers(), { blobs: 2, layers: 1, unfinished: 0 })
})

kernelTest(
  'pull() that is aborted in the middle of a layer stops at once and leaves nothing',
  async ({ namespace }) => {
    using lab = openImageLab(namespace)
    bringUpLoopback(namespace)
    const [one, two] = [makeLayer(lab, 'one'), makeLayer(lab, 'two', 3_000_000)]
    await using registry = await startFakeRegistry(namespace, { 1: [imageOf(one, two)] })
    const abort = new AbortController()
    const reason = new Error('the client is gone')
    registry.intercept = (request, response) => {
      if (!request.url!.endsWith(sha256(two.blob))) return false
      response.writeHead(200, { 'Content-Length': two.blob.length })
      response.write(two.blob.subarray(0, 1_000_000), () => abort.abort(reason)) // and never the rest
      return true
    }
    await assert.rejects(pull(lab, {}, abort.signal), reason)
    assert.deepEqual(lab.leftovers(), nothing)
    registry.intercept = () => false
    await pull(lab)
    assert.deepEqual(lab.leftovers(), { blobs: 3, layers: 2, unfinished: 0 })
  },
)

kernelTest('pull(), load() and importRootfs() on a full disk say so and leave nothing', async ({ namespace }) => {
  const disk = mkdtempSync('/tmp/wharf-disk-')
  using workshop = openImageLab()
  using _disk = { [Symbol.dispose]: () => rmSync(disk, { recursive: true }) }
  workshop.shell(`mount -t tmpfs -o size=3m tmpfs ${disk}`)
  using _mount = { [Symbol.dispose]: () => void workshop.shell(`umount ${disk}`) }
  using lab = openImageLab(namespace, disk)
  bringUpLoopback(namespace)
  // Small as a blob, too large unpacked.
  workshop.shell(`mkdir big noise; yes | head -c 8000000 > big/file; head -c 8000000 /dev/urandom > noise/file
    tar -C big -cf big.tar .; tar -C noise -cf noise.tar .; gzip -k big.tar`)
  const [big, noise] = ['big', 'noise'].map((file) => {
    const tar = readFileSync(join(workshop.dir, `${file}.tar`))
    return imageOf({ blob: gzipSync(tar), diffId: sha256(tar) })
  })
  await using _registry = await startFakeRegistry(namespace, { 1: [big!], 2: [noise!] })
  const full = { kind: 'internal', message: /no space left on device$/ }
  await assert.rejects(pull(lab), full)
  assert.deepEqual(lab.leftovers(), nothing)
  await assert.rejects(
    lab.images.pull(`${registryAddress}/x:2`, {}, () => {}, lab.signal),
    full,
  )
  assert.deepEqual(lab.leftovers(), nothing)
  const archive = workshop.dockerArchive('x', ['noise.tar'], ['x:1'])
  for (const attempt of [
    () => lab.images.load(createReadStream(join(workshop.dir, archive)), () => {}, lab.signal),
    () => lab.images.importRootfs(createReadStream(join(workshop.dir, 'big.tar.gz')), { changes: [] }, lab.signal),
    () => lab.images.importRootfs(createReadStream(join(workshop.dir, 'noise.tar')), { changes: [] }, lab.signal),
  ]) {
    await assert.rejects(attempt(), full)
    assert.deepEqual(lab.leftovers(), nothing)
  }
})

kernelTest(
  'recover() sweeps what a killed engine left in the middle of a pull, and keeps what was whole',
  async ({ namespace }) => {
    using lab = openImageLab(namespace)
    bringUpLoopback(namespace)
    const [one, two] = [makeLayer(lab, 'one'), makeLayer(lab, 'two', 3_000_000)]
    await using registry = await startFakeRegistry(namespace, { 0: [imageOf(one)], 1: [imageOf(one, two)] })
    const kept = await lab.images.pull(`${registryAddress}/x:0`, {}, () => {}, lab.signal)
    const stalled = Promise.withResolvers<void>()
    const skopeoGone = Promise.withResolvers<void>()
    registry.intercept = (request, response) => {
      if (!request.url!.endsWith(sha256(two.blob))) return false
      response.writeHead(200, { 'Content-Length': two.blob.length })
      response.write(two.blob.subarray(0, 1_000_000), () => stalled.resolve())
      request.socket.once('close', () => skopeoGone.resolve())
      return true
    }
    const script = join(import.meta.dirname, '../support/image-puller.ts')
    const engine = spawn(process.execPath, [script, lab.dir, name], { stdio: 'ignore' })
    await stalled.promise
    engine.kill('SIGKILL')
    await once(engine, 'close')
    await skopeoGone.promise
    assert.notEqual(lab.leftovers().unfinished, 0)
    const images = lab.reopen()
    await images.recover()
    assert.deepEqual(lab.leftovers(), { blobs: 2, layers: 1, unfinished: 0 })
    assert.deepEqual(
      images.list().map(({ id }) => id),
      [kept.id],
    )
    assert.deepEqual(readdirSync((await images.layerDirs(kept))[0]!), ['one'])
  },
)
