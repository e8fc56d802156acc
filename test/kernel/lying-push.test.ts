import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { type ImageLab, openImageLab, sha256 } from '../support/image-lab.ts'
import {
  bringUpLoopback,
  type FakeRegistry,
  registryAddress,
  respondError,
  startFakeRegistry,
} from '../support/image-registry.ts'
import { kernelTest } from '../support/kernel.ts'
import { processesOf } from '../support/sweep.ts'

const name = `${registryAddress}/x:1`
/** Milliseconds after which a registry that sends nothing is given up: long, but where that is what is tested. */
const patientMs = 60_000
const impatientMs = 1500

/** One image in a store, and a registry that has nothing and answers as a test likes. */
async function scene(
  namespace: NetworkNamespace,
  body: (lab: ImageLab, registry: FakeRegistry) => Promise<void>,
  silenceMs = patientMs,
): Promise<void> {
  using lab = openImageLab(namespace, undefined, undefined, silenceMs)
  bringUpLoopback(namespace)
  const image = await lab.importTar('mkdir one; head -c 300000 /dev/urandom > one/file; tar -C one -cf - .', name)
  const before = lab.leftovers()
  await using registry = await startFakeRegistry(namespace, {})
  await body(lab, registry)
  assert.deepEqual(lab.leftovers(), before)
  assert.deepEqual(lab.images.find(image.id).repoDigests, [], 'a push that failed was recorded')
  assert.deepEqual(processesOf(lab.dir), [], 'a process of skopeo was left')
}

const push = (lab: ImageLab) => lab.images.push(name, {}, () => {}, lab.signal)

/** Takes an upload up to the step that `at` names, and does there what `answer` does. */
function upTo(
  at: 'POST' | 'PATCH' | 'PUT',
  answer: (response: ServerResponse, request: IncomingMessage) => void,
): FakeRegistry['intercept'] {
  return (request, response) => {
    const { method = '', url = '' } = request
    if (!url.includes('/blobs/uploads/')) return false
    if (method === at) answer(response, request)
    else {
      request.resume().once('end', () => {
        response.writeHead(202, { Location: '/v2/x/blobs/uploads/1', 'Content-Length': 0 }).end()
      })
    }
    return true
  }
}

kernelTest('push() says what went wrong wherever a registry stops it, and leaves nothing', async ({ namespace }) => {
  await scene(namespace, async (lab, registry) => {
    for (const at of ['POST', 'PATCH', 'PUT'] as const) {
      registry.intercept = upTo(at, (response) => respondError(response, 500, 'UNKNOWN', 'the disk is gone'))
      await assert.rejects(push(lab), { kind: 'internal' }, `500 to ${at}`)
      registry.intercept = upTo(at, (response) => response.destroy())
      await assert.rejects(push(lab), { kind: 'internal' }, `nothing to ${at}`)
      // It reads what it is sent first: who hangs up in the middle is not heard to the end.
      registry.intercept = upTo(at, (response, request) => {
        const refuse = () => respondError(response, 403, 'DENIED', 'requested access to the resource is denied')
        request.resume().once('end', refuse)
      })
      await assert.rejects(push(lab), {
        kind: 'internal',
        message: /denied: requested access to the resource is denied|no basic auth/,
      })
    }
    registry.intercept = upTo('POST', (response) => response.end('<html>welcome</html>'))
    await assert.rejects(push(lab), { kind: 'internal' }, 'a page')
    registry.intercept = upTo('POST', (response) => response.writeHead(202, { Location: 'http://[' }).end())
    await assert.rejects(push(lab), { kind: 'internal' }, 'a place that is none')
  })
})

kernelTest('push() gives up a registry that takes a layer and never answers', async ({ namespace }) => {
  await scene(
    namespace,
    async (lab, registry) => {
      const silent = { kind: 'internal', message: /^Cannot push ".*": the registry has sent nothing for 1.5 seconds$/ }
      registry.intercept = upTo('PATCH', (_, request) => void request.resume())
      await assert.rejects(push(lab), silent)
      registry.intercept = upTo('PATCH', () => {}) // nor does it read
      await assert.rejects(push(lab), silent)
    },
    impatientMs,
  )
})

kernelTest(
  'push() believes no registry that says it has every layer and then knows no manifest',
  async ({ namespace }) => {
    await scene(namespace, async (lab, registry) => {
      registry.intercept = ({ method, url = '' }, response) => {
        if (method === 'HEAD' && url.includes('/blobs/')) response.writeHead(200, { 'Content-Length': 5 }).end()
        else if (method === 'PUT' && url.includes('/manifests/'))
          respondError(response, 400, 'MANIFEST_BLOB_UNKNOWN', 'blob unknown to registry')
        else return false
        return true
      }
      await assert.rejects(push(lab), { kind: 'internal', message: /blob unknown/ })
    })
  },
)

kernelTest(
  'push() sends what was chosen, also when it is removed meanwhile, and then lets it go',
  async ({ namespace }) => {
    using lab = openImageLab(namespace)
    bringUpLoopback(namespace)
    const made = (tag: string) => `mkdir ${tag}; head -c 300000 /dev/urandom > ${tag}/f; tar -C ${tag} -cf - .`
    for (const tag of ['a', 'b']) await lab.importTar(made(tag), `${registryAddress}/x:${tag}`)
    await using registry = await startFakeRegistry(namespace, {})
    const [begun, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const manifests = new Map<string, Buffer>()
    registry.intercept = (request, response) => {
      const { method = '', url = '' } = request
      const known = manifests.get(url)
      if (method === 'GET' && known) {
        response.setHeader('Content-Type', 'application/vnd.docker.distribution.manifest.v2+json').end(known)
        return true
      }
      if (!/POST|PATCH|PUT/.test(method)) return false
      void buffer(request).then(async (body) => {
        begun.resolve()
        await go.promise
        if (url.includes('/manifests/'))
          for (const name of [url, `/v2/x/manifests/${sha256(body)}`]) manifests.set(name, body)
        const status = method === 'PUT' ? 201 : 202
        response.writeHead(status, { Location: '/v2/x/blobs/uploads/1', 'Content-Length': 0 }).end()
      })
      return true
    }
    const pushing = lab.images.push(`${registryAddress}/x`, {}, () => {}, lab.signal)
    await begun.promise
    for (const tag of ['a', 'b'])
      await lab.images.remove(`${registryAddress}/x:${tag}`, { force: true, prune: true }, new Map())
    assert.notEqual(lab.leftovers().blobs, 0)
    go.resolve()
    await pushing
    assert.deepEqual(
      [...manifests.keys()].filter((name) => /\/[ab]$/.test(name)),
      ['/v2/x/manifests/a', '/v2/x/manifests/b'],
    )
    assert.deepEqual([lab.leftovers(), lab.images.list()], [{ blobs: 0, layers: 0, unfinished: 0 }, []])
  },
)
