import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { CgroupLimits } from '../../kernel/cgroups/limits.ts'
import { RootedFiles } from '../../kernel/files/rooted-files.ts'
import { hostnameOf } from '../create/hostname.ts'
import type { ContainerPaths, ContainerRecord } from '../model.ts'
import { readAccounts } from './accounts.ts'
import { refuseDeviceRequests } from './device-rules.ts'
import { findDevices } from './host-devices.ts'
import type { MachineFacts } from './machine-facts.ts'
import { networkFiles } from './mounts.ts'
import type { NamespaceFacts } from './namespaces.ts'
import type { OciSeccomp } from './oci.ts'
import { type BundlePlan, planBundle, renderOci } from './plan-bundle.ts'
import type { SeccompProfile } from './seccomp.ts'
import { resolveUser } from './user.ts'
import type { UserMounts } from './user-mounts.ts'

/** Debian's path of the init program that `--init` puts before the command. */
const initPath = '/usr/bin/catatonit'

/** What the bundle of one container is made from. */
export interface BundleParts {
  readonly record: ContainerRecord
  readonly paths: ContainerPaths
  readonly mounts: UserMounts
  /** Where its shared memory is mounted on the host; undefined: it shares none. */
  readonly sharedMemory: string | undefined
  /** Where `hosts`, `hostname` and `resolv.conf` lie: of the donor for `container:` mode. */
  readonly filesDir: string
  readonly cgroupsPath: string
  readonly namespaces: NamespaceFacts
  readonly machine: MachineFacts
  readonly limits: CgroupLimits
  /** What else the runtime is to know, by the filter that the container gets. */
  annotationsFor(seccomp: OciSeccomp | undefined): Readonly<Record<string, string>>
  /** Called only for a container that gets the default profile. */
  defaultSeccomp(): SeccompProfile
}

/**
 * Writes `config.json` into the container's run directory, which is its bundle; the root file system must be mounted.
 *
 * @returns the bundle, and what could not be done as it was asked, for the log
 */
export function writeBundle(parts: BundleParts): BundlePlan {
  const { record, paths, filesDir, cgroupsPath, namespaces, machine, limits } = parts
  const { config, hostConfig } = record
  refuseDeviceRequests(hostConfig)
  using root = new RootedFiles(paths.rootfs)
  const plan = planBundle(record, {
    ...machine,
    rootfs: paths.rootfs,
    hostname: readHostname(filesDir) ?? hostnameOf(record),
    cgroupsPath,
    user: resolveUser(config.User ?? '', readAccounts(root), hostConfig.GroupAdd ?? []),
    defaultSeccomp: hostConfig.Privileged ? undefined : parts.defaultSeccomp(),
    devices: findDevices(hostConfig),
    mounts: {
      user: parts.mounts,
      sharedMemory: parts.sharedMemory,
      files: findNetworkFiles(filesDir),
      initPath: hostConfig.Init ? findInit() : undefined,
    },
    namespaces,
    limits,
  })
  const annotations = { ...hostConfig.Annotations, ...parts.annotationsFor(plan.spec.linux.seccomp) }
  mkdirSync(paths.runDir, { recursive: true, mode: 0o700 })
  writeFileSync(join(paths.runDir, 'config.json'), renderOci({ ...plan.spec, annotations }), { mode: 0o600 })
  return plan
}

/** The name that the network gave the container: of the host, or of the donor, in those modes. */
function readHostname(filesDir: string): string | undefined {
  const path = join(filesDir, 'hostname')
  return existsSync(path) ? readFileSync(path, 'utf8').trim() || undefined : undefined
}

function findNetworkFiles(filesDir: string): Partial<Record<(typeof networkFiles)[number], string>> {
  const found = networkFiles.map((name) => [name, join(filesDir, name)] as const).filter(([, path]) => existsSync(path))
  return Object.fromEntries(found)
}

function findInit(): string {
  if (existsSync(initPath)) return initPath
  throw new EngineError(
    'unavailable',
    `Cannot run a container with --init: "${initPath}" is missing; install the package catatonit`,
  )
}
