import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { sha256 } from './image-lab.ts'

/** Where the registries of the tests listen, each in a namespace of its own. */
export const registryAddress = '127.0.0.1:5000'

/** Brings loopback up in a fresh namespace. */
export function bringUpLoopback(namespace: NetworkNamespace): void {
  execFileSync('nsenter', [`--net=${namespace.path}`, 'ip', 'link', 'set', 'lo', 'up'])
}

/** Runs Debian's docker-registry in the namespace, with its data below `dir`; answers when it listens. */
export async function startRegistry(namespace: NetworkNamespace, dir: string): Promise<AsyncDisposable> {
  const config = join(dir, 'registry.json')
  mkdirSync(join(dir, 'registry'))
  writeFileSync(
    config,
    JSON.stringify({
      version: '0.1',
      log: { level: 'info', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: join(dir, 'registry') } },
      http: { addr: registryAddress },
    }),
  )
  const child = spawn('nsenter', [`--net=${namespace.path}`, 'docker-registry', 'serve', config], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = once(child, 'close')
  const listening = Promise.withResolvers<void>()
  createInterface(child.stderr)
    .on('line', (line) => line.includes('listening on') && listening.resolve())
    .on('close', () => listening.reject(new Error('docker-registry ended before it listened')))
  await listening.promise
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Puts an archive of `dir` into the registry of the namespace. */
export async function push(namespace: NetworkNamespace, dir: string, source: string, name: string): Promise<void> {
  const target = `docker://${registryAddress}/${name}`
  const args = ['skopeo', '--insecure-policy', 'copy', '--quiet', '--dest-tls-verify=false', source, target]
  // As root skopeo would keep notes under /var/lib.
  const env = { ...process.env, _CONTAINERS_ROOTLESS_UID: '65534', XDG_DATA_HOME: join(dir, 'push') }
  // Not in one synchronous call: the registry stops when nobody reads what it logs.
  await promisify(execFile)('nsenter', [`--net=${namespace.path}`, ...args], { cwd: dir, env })
}

/** A registry whose every answer a test decides. */
export interface FakeRegistry extends AsyncDisposable {
  /** Called first; answers true when it has dealt with the request. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean
}

/** One image for the fake registry. */
export interface FakeImage {
  readonly layers: readonly Buffer[]
  readonly diffIds: readonly string[]
  readonly architecture?: string
  /** Goes into the manifest in place of the layers' own digests. */
  readonly digests?: readonly string[]
}

/** Serves images by tag, from memory. A tag with several images is an index of their architectures. */
export async function startFakeRegistry(
  namespace: NetworkNamespace,
  tags: Readonly<Record<string, readonly FakeImage[]>>,
): Promise<FakeRegistry> {
  const blobs = new Map<string, { readonly type: string; readonly body: Buffer }>()
  const named = new Map<string, string>()
  for (const [tag, images] of Object.entries(tags)) named.set(tag, storeTag(images, blobs))
  const registry: FakeRegistry = {
    intercept: () => false,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    if (registry.intercept(request, response)) return
    const asked = /^\/v2\/[^/]+\/(?:manifests|blobs)\/(.+)$/.exec(path)?.[1]
    const found = blobs.get(named.get(asked ?? '') ?? asked ?? '')
    if (path === '/v2/') response.end('{}')
    else if (found === undefined) respondError(response, 404, 'MANIFEST_UNKNOWN', 'manifest unknown')
    else {
      response.setHeader('Content-Type', found.type)
      response.setHeader('Content-Length', found.body.length)
      response.end(request.method === 'HEAD' ? undefined : found.body)
    }
  })
  const listening = once(server, 'listening')
  // Without an address to look up, the socket is made before listen() returns: in the namespace.
  namespace.run(() => {
    server.listen(5000)
  })
  await listening
  return registry
}

/** An error as registries write it. */
export function respondError(response: ServerResponse, status: number, code: string, message: string): void {
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ errors: [{ code, message }] }))
}

function storeTag(images: readonly FakeImage[], blobs: Map<string, { type: string; body: Buffer }>): string {
  const put = (type: string, body: Buffer) => {
    blobs.set(sha256(body), { type, body })
    return { mediaType: type, digest: sha256(body), size: body.length }
  }
  const manifests = images.map((image) => {
    const { layers, diffIds, architecture = 'amd64', digests = [] } = image
    const config = { architecture, os: 'linux', config: {}, rootfs: { type: 'layers', diff_ids: diffIds } }
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: put('application/vnd.oci.image.config.v1+json', Buffer.from(JSON.stringify(config))),
      layers: layers.map((layer, index) => {
        const own = put('application/vnd.oci.image.layer.v1.tar+gzip', layer)
        const digest = digests[index] ?? own.digest
        blobs.set(digest, blobs.get(own.digest)!)
        return { ...own, digest }
      }),
    }
    return {
      ...put(manifest.mediaType, Buffer.from(JSON.stringify(manifest))),
      platform: { os: 'linux', architecture },
    }
  })
  if (manifests.length === 1) return manifests[0]!.digest
  const index = { schemaVersion: 2, mediaType: 'application/vnd.oci.image.index.v1+json', manifests }
  return put(index.mediaType, Buffer.from(JSON.stringify(index))).digest
}
