import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Child } from '../kernel/processes/child.ts'
import type { BuildStorage } from './cache/storage.ts'
import { startConfined } from './confine.ts'

/** What buildah and skopeo are run with, for one build: no configuration but ours counts. */
export interface Tools {
  /** `buildah …` on the storage of builds. @param needed mounts that it works with */
  buildah(args: readonly string[], signal: AbortSignal, ...needed: readonly string[]): Child
  /** `skopeo …`. */
  skopeo(args: readonly string[], signal: AbortSignal): Child
  /** How skopeo calls an image of that storage. */
  storageName(image: string): string
  /** A file that trusts every image: ours were verified when they came. */
  readonly policy: string
}

/** What tools need to know of the engine. */
export interface ToolOptions {
  readonly storage: BuildStorage
  /** Of this build alone; it is removed with it. */
  readonly dir: string
  /** Where the engine's images are. */
  readonly imageDir: string
}

/**
 * Prepares the tools of one build.
 *
 * Each build has a run directory of its own for the storage, which remembers there what is mounted: builds do not see
 * each other's mounts.
 */
export function prepareTools({ storage, dir, imageDir }: ToolOptions): Tools {
  const runRoot = join(dir, 'r')
  const policy = join(dir, 'policy.json')
  writeFileSync(policy, '{"default":[{"type":"insecureAcceptAnything"}]}')
  writeFileSync(join(dir, 'containers.conf'), '')
  writeFileSync(join(dir, 'registries.conf'), '')
  const settings = `[storage]\ndriver = "overlay"\ngraphroot = ${JSON.stringify(storage.root)}\nrunroot = ${JSON.stringify(runRoot)}\n`
  writeFileSync(join(dir, 'storage.conf'), settings)
  const env = environment(dir)
  const start = (command: readonly string[], signal: AbortSignal, needed: readonly string[] = []) =>
    startConfined(command, { cwd: dir, env, signal, needed: [storage.root, imageDir, ...needed] })
  const places = [`--root=${storage.root}`, `--runroot=${runRoot}`, '--storage-driver=overlay']
  return {
    policy,
    buildah: (args, signal, ...needed) => start(['buildah', '--log-level=fatal', ...places, ...args], signal, needed),
    skopeo: (args, signal) => start(['skopeo', `--policy=${policy}`, ...args], signal),
    storageName: (image) => `containers-storage:[overlay@${storage.root}+${runRoot}]${image}`,
  }
}

function environment(dir: string): NodeJS.ProcessEnv {
  const { PATH, HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy } = process.env
  return {
    PATH,
    ...{ HTTP_PROXY, HTTPS_PROXY, NO_PROXY, http_proxy, https_proxy, no_proxy },
    HOME: dir,
    TMPDIR: dir,
    CONTAINERS_CONF: join(dir, 'containers.conf'),
    CONTAINERS_STORAGE_CONF: join(dir, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(dir, 'registries.conf'),
    LC_ALL: 'C',
  }
}
