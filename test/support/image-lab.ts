import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { silentLog } from '../../src/base/log.ts'
import type { ImageRecord, Images, ProgressLine } from '../../src/image/images.ts'
import { openImages } from '../../src/image/open-images.ts'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'

/** An image store in a temporary directory, and means to make images for it. */
export interface ImageLab extends Disposable {
  readonly dir: string
  readonly images: Images
  /** `action id` of each event. */
  readonly events: string[]
  readonly signal: AbortSignal
  /** A second engine on the same state, as after a restart. */
  reopen(): Images
  /** Runs a shell script in the directory; answers what it printed. */
  shell(script: string): string
  /** Imports the tar that a shell script prints. */
  importTar(script: string, reference: string): Promise<ImageRecord>
  /** Loads an archive file of the directory; answers the lines of progress. */
  load(file: string): Promise<readonly ProgressLine[]>
  /** Writes `<name>.tar`, a docker-archive of layers that are tar files of the directory. */
  dockerArchive(name: string, layers: readonly string[], tags: readonly string[], config?: object): string
  /** What lies in the store: counts that are 0 when everything is gone. */
  leftovers(): { readonly blobs: number; readonly layers: number; readonly unfinished: number }
}

/**
 * Opens a lab.
 *
 * @param namespace  where skopeo runs
 * @param at  a directory that stays when the lab goes; a temporary one otherwise
 * @param skopeo  the program
 * @param silenceMs  after which a registry that sends nothing is given up
 */
export function openImageLab(
  namespace?: NetworkNamespace,
  at?: string,
  skopeo = 'skopeo',
  silenceMs = 60_000,
): ImageLab {
  const dir = at ?? mkdtempSync('/tmp/wharf-image-')
  const store = openSqliteStore(join(dir, 'state.db'))
  const events: string[] = []
  const open = () =>
    openImages({
      store,
      dir: join(dir, 'images'),
      log: silentLog,
      onEvent: (action, id) => events.push(`${action} ${id}`),
      skopeo: namespace ? skopeoIn(namespace, dir) : skopeo,
      silenceMs,
    })
  const images = open()
  const { signal } = new AbortController()
  // As root skopeo would keep notes under /var/lib.
  const env = { ...process.env, _CONTAINERS_ROOTLESS_UID: '65534', XDG_DATA_HOME: join(dir, 'notes') }
  const shell = (script: string) =>
    execFileSync('sh', ['-ec', script], { cwd: dir, env, encoding: 'utf8', maxBuffer: 1 << 28 })
  const count = (name: string) => readdirSync(join(dir, 'images', name)).length
  return {
    dir,
    images,
    events,
    signal,
    reopen: open,
    shell,
    importTar(script, reference) {
      shell(`(${script}) > import.tar`)
      return images.importRootfs(createReadStream(join(dir, 'import.tar')), { reference, changes: [] }, signal)
    },
    async load(file) {
      const lines: ProgressLine[] = []
      await images.load(createReadStream(join(dir, file)), (line) => lines.push(line), signal)
      return lines
    },
    dockerArchive: (name, layers, tags, config) => writeDockerArchive(dir, { name, layers, tags, config, shell }),
    leftovers: () => ({ blobs: count('blobs/sha256'), layers: count('layers'), unfinished: count('tmp') }),
    [Symbol.dispose]() {
      store[Symbol.dispose]()
      if (at === undefined) rmSync(dir, { recursive: true })
    },
  }
}

function skopeoIn(namespace: NetworkNamespace, dir: string): string {
  const path = join(dir, 'skopeo')
  writeFileSync(path, `#!/bin/sh\nexec nsenter --net=${namespace.path} skopeo "$@"\n`, { mode: 0o755 })
  return path
}

function writeDockerArchive(
  dir: string,
  archive: {
    readonly name: string
    readonly layers: readonly string[]
    readonly tags: readonly string[]
    readonly config: object | undefined
    readonly shell: (script: string) => string
  },
): string {
  const { name, layers, tags, config, shell } = archive
  const root = join(dir, `${name}.d`)
  mkdirSync(root)
  const diffIds = layers.map((layer) => `sha256:${shell(`sha256sum ${layer}`).slice(0, 64)}`)
  const image = {
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    config: { Cmd: ['sh'], Healthcheck: { Test: ['CMD', 'true'] } },
    history: layers.map((layer) => ({ created: '2026-01-01T00:00:00Z', created_by: `ADD ${layer}` })),
    rootfs: { type: 'layers', diff_ids: diffIds },
    ...config,
  }
  writeFileSync(join(root, `${name}.json`), JSON.stringify(image))
  for (const [index, layer] of layers.entries())
    shell(`mkdir ${name}.d/${index}; cp ${layer} ${name}.d/${index}/layer.tar`)
  const entry = { Config: `${name}.json`, RepoTags: tags, Layers: layers.map((_, index) => `${index}/layer.tar`) }
  writeFileSync(join(root, 'manifest.json'), JSON.stringify([entry]))
  shell(`tar -C ${name}.d -cf ${name}.tar . && rm -r ${name}.d`)
  return `${name}.tar`
}

export function sha256(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

/** Two trees to make layers of: `one.tar`, `two.tar`. */
export function makeLayers(lab: ImageLab): void {
  lab.shell(`mkdir -p one/bin two/etc; cp /bin/busybox one/bin/; echo two > two/etc/two
    tar -C one -cf one.tar .; tar -C two -cf two.tar .`)
}
