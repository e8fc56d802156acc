import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeImage } from '../../../test/support/api/fake-records.ts'
import { renderPushManifest } from './push-manifest.ts'

const layer = (mediaType: string) => ({ diffId: 'sha256:d', digest: 'sha256:b', mediaType, size: 7, unpackedSize: 9 })
const typesOf = (...mediaTypes: string[]): string[] => {
  const manifest = JSON.parse(renderPushManifest({ ...fakeImage, layers: mediaTypes.map(layer) }, 5))
  return [manifest, manifest.config, ...manifest.layers].map(({ mediaType }) => mediaType)
}

test('renderPushManifest() writes Docker’s form, and OCI’s where a layer is packed with zstd', () => {
  const oci = 'application/vnd.oci.image.layer.v1.tar'
  const docker = 'application/vnd.docker.image.rootfs.diff.tar'
  assert.deepEqual(typesOf(`${oci}+gzip`, `${docker}.gzip`, oci, `${oci}+xz`), [
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.container.image.v1+json',
    `${docker}.gzip`,
    `${docker}.gzip`,
    docker,
    docker,
  ])
  assert.deepEqual(typesOf(`${oci}+zstd`, `${docker}.gzip`), [
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.oci.image.config.v1+json',
    `${oci}+zstd`,
    `${oci}+gzip`,
  ])
})

test('renderPushManifest() indents as Docker does, so that digests stay', () => {
  assert.match(
    renderPushManifest(fakeImage, 5),
    /^\{\n {3}"schemaVersion": 2,\n {3}"mediaType": "[^"]+",\n {3}"config": \{\n {6}"mediaType"/,
  )
})
