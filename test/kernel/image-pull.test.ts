import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProgressLine } from '../../src/image/images.ts'
import { type ImageLab, openImageLab, sha256 } from '../support/image-lab.ts'
import { bringUpLoopback, push, registryAddress, startRegistry } from '../support/image-registry.ts'
import { kernelTest } from '../support/kernel.ts'

/** Two layers: busybox, and 3 MB that do not compress. */
function makeLayers(lab: ImageLab): void {
  lab.shell(`mkdir -p one/bin two/data; cp /bin/busybox one/bin/; ln -s busybox one/bin/sh
    head -c 3000000 /dev/urandom > two/data/noise; touch two/.wh.gone
    tar -C one -cf one.tar .; tar -C two -cf two.tar .`)
}

async function pull(lab: ImageLab, name: string, platform?: string) {
  const lines: ProgressLine[] = []
  const image = await lab.images.pull(name, { ...(platform && { platform }) }, (line) => lines.push(line), lab.signal)
  return { image, lines }
}

/** Status by status as one layer went through them, each once. */
function courseOf(lines: readonly ProgressLine[], digest: string): readonly string[] {
  const statuses = lines.filter(({ id }) => id === digest.slice(7, 19)).map(({ status }) => status!)
  return statuses.filter((status, index) => status !== statuses[index - 1])
}

kernelTest(
  'pull() fetches from docker-registry what skopeo put there, and says so as Docker does',
  async ({ namespace }) => {
    using lab = openImageLab(namespace)
    bringUpLoopback(namespace)
    await using _ = await startRegistry(namespace, lab.dir)
    makeLayers(lab)
    await push(
      namespace,
      lab.dir,
      `docker-archive:${lab.dockerArchive('x', ['one.tar', 'two.tar'], ['x:1'])}`,
      'team/x:1',
    )
    const name = `${registryAddress}/team/x:1`
    const { image, lines } = await pull(lab, name)

    assert.deepEqual(
      image.layers.map(({ diffId }) => diffId),
      ['one.tar', 'two.tar'].map((file) => sha256(readFileSync(join(lab.dir, file)))),
    )
    const digest = image.repoDigests[0]!.split('@')[1]!
    assert.deepEqual(image.repoTags, [name])
    assert.deepEqual(image.repoDigests, [`${registryAddress}/team/x@${digest}`])
    // What OCI's form has no word for is kept, because the configuration is Docker's own, byte for byte.
    assert.deepEqual(image.config, { Cmd: ['sh'], Healthcheck: { Test: ['CMD', 'true'] } })
    assert.equal(image.id, sha256(readFileSync(join(lab.dir, 'images/blobs/sha256', image.id.slice(7)))))
    const inspected = lab.shell(`./skopeo inspect --raw --tls-verify=false docker://${name}`)
    assert.equal(sha256(inspected), digest)
    assert.equal(JSON.parse(inspected).config.digest, image.id)

    assert.deepEqual(lines[0], { status: 'Pulling from team/x', id: '1' })
    assert.deepEqual(lines.slice(-2), [
      { status: `Digest: ${digest}` },
      { status: `Status: Downloaded newer image for ${name}` },
    ])
    for (const layer of image.layers) {
      const course = courseOf(lines, layer.digest).filter((status) => status !== 'Downloading')
      assert.deepEqual(course, [
        'Pulling fs layer',
        'Verifying Checksum',
        'Download complete',
        'Extracting',
        'Pull complete',
      ])
    }
    for (const { progressDetail } of lines)
      if (progressDetail?.total) assert.ok(progressDetail.current! <= progressDetail.total)

    const [two, one] = await lab.images.layerDirs(image)
    assert.equal(
      lab.shell(`cmp ${one}/bin/sh /bin/busybox; stat -c %F ${two}/.wh.gone ${two}/gone 2>/dev/null || true`).trim(),
      'character special file',
    )
    assert.ok(one!.length < 60 + lab.dir.length - '/tmp/wharf-image-xxxxxx'.length)
    assert.deepEqual(lab.leftovers(), { blobs: 3, layers: 2, unfinished: 0 })
    assert.deepEqual(lab.events, [`pull ${name}`])
  },
)

kernelTest('pull() of what is here fetches nothing, of a second tag only what is new', async ({ namespace }) => {
  using lab = openImageLab(namespace)
  bringUpLoopback(namespace)
  await using _ = await startRegistry(namespace, lab.dir)
  makeLayers(lab)
  await push(namespace, lab.dir, `docker-archive:${lab.dockerArchive('x', ['one.tar'], ['x:1'])}`, 'x:1')
  await push(
    namespace,
    lab.dir,
    `docker-archive:${lab.dockerArchive('y', ['one.tar', 'two.tar', 'one.tar'], ['y:1'])}`,
    'y:1',
  )
  const x = `${registryAddress}/x:1`
  const first = await pull(lab, x)
  const again = await pull(lab, x)
  assert.deepEqual(
    again.lines.map(({ status }) => status),
    ['Pulling from x', `Digest: ${first.image.repoDigests[0]!.split('@')[1]}`, `Status: Image is up to date for ${x}`],
  )
  const { image, lines } = await pull(lab, `${registryAddress}/y:1`)
  assert.deepEqual(courseOf(lines, image.layers[0]!.digest), ['Already exists'])
  assert.equal(image.layers.length, 3)
  assert.equal(image.layers[2]!.digest, image.layers[0]!.digest)
  assert.deepEqual(lab.leftovers(), { blobs: 4, layers: 2, unfinished: 0 })

  const byDigest = await pull(lab, image.repoDigests[0]!)
  assert.deepEqual(byDigest.image, image)
  assert.equal(byDigest.lines[0]!.id, image.repoDigests[0]!.split('@')[1])
})

kernelTest(
  'pull() of one image twice at a time does the work once; two that share a layer both get it',
  async ({ namespace }) => {
    using lab = openImageLab(namespace)
    bringUpLoopback(namespace)
    await using _ = await startRegistry(namespace, lab.dir)
    makeLayers(lab)
    await push(namespace, lab.dir, `docker-archive:${lab.dockerArchive('x', ['one.tar'], ['x:1'])}`, 'x:1')
    await push(namespace, lab.dir, `docker-archive:${lab.dockerArchive('y', ['one.tar', 'two.tar'], ['y:1'])}`, 'y:1')
    const names = ['x:1', 'y:1', 'x:1', 'y:1'].map((name) => `${registryAddress}/${name}`)
    const pulls = await Promise.all(names.map((name) => pull(lab, name)))
    assert.deepEqual(
      pulls.map(({ lines }) => lines.at(-1)!.status!.replace(/ for .*/, '')),
      [
        'Status: Downloaded newer image',
        'Status: Downloaded newer image',
        'Status: Image is up to date',
        'Status: Image is up to date',
      ],
    )
    assert.deepEqual(lab.leftovers(), { blobs: 4, layers: 2, unfinished: 0 })
    assert.equal(lab.images.list().length, 2)
  },
)

kernelTest(
  'pull() moves a tag that was moved in the registry, and the old image stays without it',
  async ({ namespace }) => {
    using lab = openImageLab(namespace)
    bringUpLoopback(namespace)
    await using _ = await startRegistry(namespace, lab.dir)
    makeLayers(lab)
    const name = `${registryAddress}/x:1`
    await push(namespace, lab.dir, `docker-archive:${lab.dockerArchive('x', ['one.tar'], ['x:1'])}`, 'x:1')
    const old = await pull(lab, name)
    await push(namespace, lab.dir, `docker-archive:${lab.dockerArchive('y', ['two.tar'], ['y:1'])}`, 'x:1')
    const { image, lines } = await pull(lab, name)
    assert.equal(lines.at(-1)!.status, `Status: Downloaded newer image for ${name}`)
    assert.equal(lab.images.find(name).id, image.id)
    assert.deepEqual(lab.images.find(old.image.id).repoTags, [])
  },
)

kernelTest('pull() says in Docker words what is not there', async ({ namespace }) => {
  using lab = openImageLab(namespace)
  bringUpLoopback(namespace)
  await using registry = await startRegistry(namespace, lab.dir)
  makeLayers(lab)
  await push(namespace, lab.dir, `docker-archive:${lab.dockerArchive('x', ['one.tar'], ['x:1'])}`, 'x:1')
  const x = `${registryAddress}/x`
  await assert.rejects(pull(lab, `${x}:2`), {
    kind: 'not-found',
    message: `manifest for ${x}:2 not found: manifest unknown: manifest unknown`,
  })
  await assert.rejects(pull(lab, `${x}:1`, 'linux/s390x'), {
    kind: 'not-found',
    message: `image with reference ${x}:1 was found but its platform (linux/amd64) does not match the specified platform (linux/s390x)`,
  })
  await assert.rejects(pull(lab, 'Not/Valid'), { kind: 'invalid-argument' })
  await registry[Symbol.asyncDispose]()
  await assert.rejects(pull(lab, `${x}:1`), {
    kind: 'internal',
    message: `Get "http://${registryAddress}/v2/": dial tcp ${registryAddress}: connect: connection refused`,
  })
  assert.deepEqual(lab.leftovers(), { blobs: 0, layers: 0, unfinished: 0 })
})
