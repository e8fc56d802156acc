import { Readable } from 'node:stream'
import { EngineError } from '../../../src/base/errors.ts'
import type { Images } from '../../../src/image/images.ts'
import { fakeImage } from './fake-records.ts'
import { act, type FakeState } from './fake-state.ts'

/** Images that are records; archives are swallowed. */
export function fakeImages(engine: FakeState): Images {
  const { imageRecords } = engine
  const find = (reference: string) => {
    const found = imageRecords.find(
      ({ id, repoTags }) =>
        id === reference || repoTags.includes(reference) || repoTags.includes(`${reference}:latest`),
    )
    if (found === undefined) throw new EngineError('not-found', `No such image: ${reference}`)
    return found
  }
  const swallow = async (stream: Readable) => {
    let bytes = 0
    for await (const chunk of stream) bytes += (chunk as Buffer).length
    return bytes
  }
  return {
    find,
    list: () => imageRecords,
    tag: (reference, target) => act(engine, `tag ${find(reference).id} ${target}`),
    async remove(reference, options) {
      act(engine, `image remove ${reference} ${JSON.stringify(options)}`)
      return [{ Untagged: reference }, { Deleted: find(reference).id }]
    },
    async importRootfs(tar, options) {
      act(engine, `import ${await swallow(tar)} ${JSON.stringify(options)}`)
      return fakeImage
    },
    async commit(layer, options) {
      act(engine, `commit ${await swallow(layer)} ${JSON.stringify(options)}`)
      return fakeImage
    },
    async load(archive, report) {
      report({ status: 'Loading layer' })
      act(engine, `load ${await swallow(archive)}`)
      report({ stream: 'Loaded image: busybox:latest\n' })
      return ['busybox:latest']
    },
    async save(references) {
      act(engine, `save ${references.join(' ')}`)
      return Readable.from([Buffer.from('tar')])
    },
    async pull(reference, options, report) {
      if (engine.nextFailure === undefined) report({ status: 'Pulling from library/busybox', id: 'latest' })
      act(engine, `pull ${reference} ${JSON.stringify(options)}`)
      return fakeImage
    },
    async pullAll(repository, options, report) {
      report({ status: 'Pulling from library/busybox', id: '1' })
      act(engine, `pull all ${repository} ${JSON.stringify(options)}`)
      return [fakeImage]
    },
    async push(reference, options, report) {
      report({ status: `The push refers to repository [docker.io/library/${reference}]` })
      act(engine, `push ${reference} ${JSON.stringify(options)}`)
    },
    login: async (address, { username }) => act(engine, `login ${username} ${address}`),
    async inspectRemote(reference) {
      act(engine, `inspect remote ${reference}`)
      const { id: digest, architecture, os, variant } = fakeImage
      return { descriptor: { mediaType: '', digest, size: 1 }, platforms: [{ architecture, os, variant }] }
    },
    async absorb(config, { tags }) {
      act(engine, `absorb ${config.length} ${tags.join(' ')}`)
      return fakeImage
    },
    borrow: () => ({ path: (digest) => digest, [Symbol.dispose]: () => {} }),
    layerDirs: async () => [],
    recover: async () => {},
  }
}
