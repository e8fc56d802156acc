import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { chainIds, digestOf, imageRecord, parseImageConfig } from '../config/image-config.ts'
import { parseManifest } from '../config/manifest.ts'
import { parseRunConfig } from '../config/run-config.ts'
import { readArchiveIndex } from './archive-index.ts'
import { renderArchive } from './render-archive.ts'

const configBytes = JSON.stringify({
  architecture: 'amd64',
  os: 'linux',
  config: { Cmd: ['sh'], Env: 'no list', Labels: { a: 'b', c: 1 } },
  rootfs: { type: 'layers', diff_ids: [`sha256:${'d'.repeat(64)}`] },
})
const layer = {
  diffId: `sha256:${'d'.repeat(64)}`,
  digest: `sha256:${'b'.repeat(64)}`,
  mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  size: 100,
  unpackedSize: 300,
}
const image = imageRecord(digestOf(configBytes), parseImageConfig(configBytes, 'test'), [layer], {
  repoTags: ['busybox:latest', 'localhost:5000/x:1'],
  repoDigests: [],
})

test('readArchiveIndex() reads back what renderArchive() writes, in either form', () => {
  const { documents, blobs } = renderArchive([{ image, tags: image.repoTags, configSize: configBytes.length }])
  assert.deepEqual(blobs, [image.id, layer.digest])
  const path = (digest: string) => `blobs/sha256/${digest.slice(7)}`
  const read = (hidden: string) => (name: string) => {
    const text = name === hidden ? undefined : documents.get(name)
    return text === undefined ? undefined : Buffer.from(text)
  }
  const docker = { config: { path: path(image.id) }, layers: [{ path: path(layer.digest) }], tags: image.repoTags }
  const oci = {
    config: { path: path(image.id), digest: image.id },
    layers: [{ path: path(layer.digest), digest: layer.digest }],
    tags: image.repoTags,
  }
  assert.deepEqual(readArchiveIndex(read('')), [docker])
  assert.deepEqual(readArchiveIndex(read('manifest.json')), [oci])
  const manifest = parseManifest(documents.get([...documents.keys()][0]!)!, 'test')
  assert.equal(
    manifest.kind === 'manifest' && manifest.manifest.layers[0]!.mediaType,
    'application/vnd.oci.image.layer.v1.tar+gzip',
  )
})

test('parseRunConfig() leaves out what has the wrong type', () => {
  assert.deepEqual(image.config, { Cmd: ['sh'], Labels: { a: 'b' } })
  assert.deepEqual(
    parseRunConfig({ User: 1, ExposedPorts: { '80/tcp': 5 }, Healthcheck: { Retries: '3', Test: ['NONE'] } }),
    {
      ExposedPorts: { '80/tcp': {} },
      Healthcheck: { Test: ['NONE'] },
    },
  )
})

test('chainIds() names each layer on top of those below', () => {
  const [a, b] = ['a', 'b'].map((letter) => `sha256:${letter.repeat(64)}`)
  assert.deepEqual(chainIds([a!, b!]), [a, digestOf(`${a} ${b}`)])
})

test('parseManifest(), parseImageConfig() and readArchiveIndex() take any JSON, or throw an EngineError', () => {
  const keys = [
    'schemaVersion',
    'manifests',
    'config',
    'layers',
    'digest',
    'size',
    'rootfs',
    'diff_ids',
    'history',
    'Config',
    'Layers',
    'RepoTags',
  ]
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom(null, 0, 1, 'sha256:0', layer.digest, ''),
      fc.array(tie('value')),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom(...keys), tie('value')),
  }))
  const attempt = (body: () => unknown) => {
    try {
      body()
    } catch (error) {
      assert.equal((error as Error).name, 'EngineError', String((error as Error).stack))
    }
  }
  fc.assert(
    fc.property(json.value, (value) => {
      const text = JSON.stringify(value)
      attempt(() => parseManifest(text, 'test'))
      attempt(() => parseImageConfig(text, 'test'))
      attempt(() => readArchiveIndex((path) => (path === 'manifest.json' ? Buffer.from(text) : undefined)))
      attempt(() => readArchiveIndex((path) => (path === 'manifest.json' ? undefined : Buffer.from(text))))
    }),
    { seed: 1, numRuns: 1000 },
  )
})
