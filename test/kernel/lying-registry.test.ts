import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { type ImageLab, openImageLab, sha256 } from '../support/image-lab.ts'
import {
  bringUpLoopback,
  type FakeImage,
  type FakeRegistry,
  registryAddress,
  respondError,
  startFakeRegistry,
} from '../support/image-registry.ts'
import { kernelTest } from '../support/kernel.ts'
import { processesOf } from '../support/sweep.ts'

const name = `${registryAddress}/x:1`
const nothing = { blobs: 0, layers: 0, unfinished: 0 }
/** Milliseconds after which a registry that sends nothing is given up: long, but where that is what is tested. */
const patientMs = 60_000
const impatientMs = 1500

/** A registry with one image of one layer, and a store that has nothing. */
async function scene(
  namespace: NetworkNamespace,
  body: (lab: ImageLab, registry: FakeRegistry, layer: Buffer) => Promise<void>,
  silenceMs = patientMs,
): Promise<void> {
  using lab = openImageLab(namespace, undefined, undefined, silenceMs)
  bringUpLoopback(namespace)
  lab.shell('mkdir one; head -c 300000 /dev/urandom > one/file; tar -C one -cf one.tar .')
  const tar = Buffer.from(lab.shell('base64 -w0 one.tar'), 'base64')
  const image: FakeImage = { layers: [gzipSync(tar)], diffIds: [sha256(tar)] }
  await using registry = await startFakeRegistry(namespace, { 1: [image] })
  await body(lab, registry, image.layers[0]!)
  assert.deepEqual(lab.leftovers(), nothing)
  assert.deepEqual(lab.images.list(), [])
  assert.deepEqual(processesOf(lab.dir), [], 'a process of skopeo was left')
}

const pull = (lab: ImageLab) => lab.images.pull(name, {}, () => {}, lab.signal)
const isManifest = ({ url = '' }: IncomingMessage) => url.includes('/manifests/')

/** Answers only what `mine` picks. */
function answering(
  mine: (request: IncomingMessage) => boolean,
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): FakeRegistry['intercept'] {
  return (request, response) => {
    if (!mine(request)) return false
    answer(response, request)
    return true
  }
}

kernelTest('pull() stops a layer that never ends where its manifest says that it ends', async ({ namespace }) => {
  await scene(namespace, async (lab, registry, layer) => {
    let sent = 0
    const isLayer = ({ url = '' }: IncomingMessage) => url.endsWith(sha256(layer))
    registry.intercept = answering(isLayer, (response) => {
      const more = randomBytes(1 << 20)
      const pour = () => {
        while (!response.destroyed && response.write(more)) sent += more.length
      }
      response.on('drain', pour)
      pour()
    })
    await assert.rejects(pull(lab), { kind: 'internal', message: /a layer is larger than its manifest says$/ })
    assert.ok(sent < 200 * 2 ** 20, `${sent} bytes were taken`)
  })
})

kernelTest('pull() refuses a layer that is cut, longer, or closed half-way', async ({ namespace }) => {
  await scene(namespace, async (lab, registry, layer) => {
    const isLayer = ({ url = '' }: IncomingMessage) => url.endsWith(sha256(layer))
    const lies: Record<string, (response: ServerResponse) => void> = {
      cut: (response) => response.end(layer.subarray(0, 1000)),
      longer: (response) => response.end(Buffer.concat([layer, layer])),
      'closed half-way': (response) => {
        response.writeHead(200, { 'Content-Length': layer.length })
        response.write(layer.subarray(0, 1000), () => response.destroy())
      },
      nothing: (response) => response.end(),
      page: (response) => response.setHeader('Content-Type', 'text/html').end('<html>log in</html>'),
    }
    for (const [lie, answer] of Object.entries(lies)) {
      registry.intercept = answering(isLayer, answer)
      await assert.rejects(pull(lab), { kind: 'internal' }, lie)
      assert.deepEqual(lab.leftovers(), nothing, lie)
    }
  })
})

kernelTest('pull() refuses what is no manifest: pages, endless lists, loops, absurd sizes', async ({ namespace }) => {
  await scene(namespace, async (lab, registry) => {
    const index = 'application/vnd.oci.image.index.v1+json'
    const platform = { os: 'linux', architecture: 'amd64' }
    const digest = `sha256:${'1'.repeat(64)}`
    const json = (value: object) => (response: ServerResponse) =>
      response.setHeader('Content-Type', index).end(JSON.stringify({ schemaVersion: 2, mediaType: index, ...value }))
    const lies: Record<string, (response: ServerResponse) => void> = {
      'a page': (response) => response.setHeader('Content-Type', 'text/html').end('<html></html>'),
      'a loop': json({ manifests: [{ mediaType: index, digest, size: 10, platform }] }),
      'a size below nothing': json({ manifests: [{ mediaType: index, digest, size: -1, platform }] }),
      'no digest': json({ manifests: [{ mediaType: index, digest: '../../etc/passwd', size: 1, platform }] }),
      'no list': json({ manifests: { digest } }),
      'not JSON': (response) => response.setHeader('Content-Type', index).end('{"manifests":['),
      'five million bytes': (response) => response.setHeader('Content-Type', index).end(' '.repeat(5_000_000)),
    }
    for (const [lie, answer] of Object.entries(lies)) {
      registry.intercept = answering(isManifest, answer)
      await assert.rejects(pull(lab), (error: Error) => error.constructor.name === 'EngineError', lie)
      assert.deepEqual(lab.leftovers(), nothing, lie)
    }
  })
})

kernelTest('pull() of a tag does not follow an index that leads to an index, however deep', async ({ namespace }) => {
  await scene(namespace, async (lab, registry) => {
    const type = 'application/vnd.oci.image.index.v1+json'
    const platform = { os: 'linux', architecture: 'amd64' }
    const indexTo = (digest: string, size: number) =>
      JSON.stringify({ schemaVersion: 2, mediaType: type, manifests: [{ mediaType: type, digest, size, platform }] })
    const inner = indexTo(`sha256:${'2'.repeat(64)}`, 2)
    const outer = indexTo(sha256(inner), inner.length)
    let asked = 0
    registry.intercept = answering(isManifest, (response, { url = '' }) => {
      asked++
      response.setHeader('Content-Type', type).end(url.endsWith(sha256(inner)) ? inner : outer)
    })
    await assert.rejects(pull(lab), { kind: 'not-implemented', message: /its index leads to an index$/ })
    assert.ok(asked <= 4, `${asked} questions`)
  })
})

kernelTest('pull() gives up a registry that says nothing, or one byte and no more', async ({ namespace }) => {
  await scene(
    namespace,
    async (lab, registry, layer) => {
      const silent = { kind: 'internal', message: /the registry has sent nothing for 1.5 seconds$/ }
      registry.intercept = answering(isManifest, () => {})
      await assert.rejects(pull(lab), silent)
      registry.intercept = answering(
        ({ url = '' }) => url.endsWith(sha256(layer)),
        (response) => {
          response.writeHead(200, { 'Content-Length': layer.length })
          response.write(layer.subarray(0, 1))
        },
      )
      await assert.rejects(pull(lab), silent)
    },
    impatientMs,
  )
})

kernelTest('pull() does not go round for ever: 401, 429 and 500 again and again', async ({ namespace }) => {
  await scene(namespace, async (lab, registry) => {
    const always = (status: number, code: string, headers: Record<string, string>) =>
      answering(
        () => true,
        (response) => {
          for (const [key, value] of Object.entries(headers)) response.setHeader(key, value)
          respondError(response, status, code, code.toLowerCase())
        },
      )
    registry.intercept = always(401, 'UNAUTHORIZED', { 'WWW-Authenticate': 'Basic realm="x"' })
    await assert.rejects(pull(lab), { kind: 'not-found', message: /^pull access denied for / })
    const realm = `Bearer realm="http://${registryAddress}/token",service="x"`
    registry.intercept = always(401, 'UNAUTHORIZED', { 'WWW-Authenticate': realm })
    await assert.rejects(pull(lab), { kind: 'not-found', message: /^pull access denied for / })
    registry.intercept = always(500, 'UNKNOWN', {})
    await assert.rejects(pull(lab), { kind: 'internal' })
    registry.intercept = always(429, 'TOOMANYREQUESTS', { 'Retry-After': '3600' })
    await assert.rejects(pull(lab), { kind: 'internal', message: /^toomanyrequests: / })
  })
})

kernelTest('pull() takes a password nowhere that a registry leads it to', async ({ namespace }) => {
  await scene(namespace, async (lab, registry, layer) => {
    const heard: (string | undefined)[] = []
    const elsewhere = createServer(({ headers }, response) => {
      heard.push(headers.authorization)
      response.end('not the layer')
    })
    const listening = once(elsewhere, 'listening')
    namespace.run(() => {
      elsewhere.listen(5001)
    })
    await listening
    const right = `Basic ${Buffer.from('me:secret').toString('base64')}`
    registry.intercept = (request, response) => {
      if (request.headers.authorization !== right) {
        response.setHeader('WWW-Authenticate', 'Basic realm="x"')
        respondError(response, 401, 'UNAUTHORIZED', 'authentication required')
        return true
      }
      if (!request.url!.endsWith(sha256(layer))) return false
      response.writeHead(307, { Location: 'http://127.0.0.2:5001/elsewhere' }).end()
      return true
    }
    try {
      const auth = { username: 'me', password: 'secret' }
      await assert.rejects(
        lab.images.pull(name, { auth }, () => {}, lab.signal),
        {
          message: /filesystem layer verification failed/,
        },
      )
      assert.deepEqual(new Set(heard), new Set([undefined]))
    } finally {
      const closed = once(elsewhere, 'close')
      elsewhere.close()
      elsewhere.closeAllConnections()
      await closed
    }
  })
})
