import type { HostConfig } from '../../protocol/container.ts'
import { isAtLeast } from './kernel-version.ts'
import type { OciMount } from './oci.ts'
import type { BindMount, UserMounts } from './user-mounts.ts'

/** Bytes of /dev/shm for a container that does not say. */
export const defaultShmBytes = 64 * 1024 * 1024
const tmpfsDefaults = ['noexec', 'nosuid', 'nodev'] as const

/** Files of the container's directory that are shown in its `/etc`. */
export const networkFiles = ['hosts', 'hostname', 'resolv.conf'] as const

/** What the mounts of a container depend on besides its settings. */
export interface MountFacts {
  readonly user: UserMounts
  /** Path on the host of each network file that exists. */
  readonly files: Partial<Readonly<Record<(typeof networkFiles)[number], string>>>
  /** Where the memory is that this container shares with others, or others with it. */
  readonly sharedMemory?: string | undefined
  /** The host's init program; undefined when the container has no `--init`. */
  readonly initPath: string | undefined
  /** Asked for by a security option. */
  readonly writableCgroups?: boolean
}

/** Where `--init` puts its program, as Docker does. */
export const initTarget = '/sbin/docker-init'

/**
 * All mounts of a container: the system's, then the network's files and the user's, outer directories first.
 *
 * @param kernel  its version: before Linux 5.12 what is mounted below a read-only mount stays writable
 */
export function planMounts(hostConfig: HostConfig, facts: MountFacts, kernel: string): readonly OciMount[] {
  const user = [...facts.user.binds.map((bind) => bindOf(bind, kernel)), ...facts.user.tmpfs.map(tmpfsOf)]
  const taken = new Set(user.map(({ destination }) => destination))
  const free = ({ destination }: OciMount) => !taken.has(destination)
  const rest = [...fileMounts(hostConfig, facts).filter(free), ...user]
  return [
    ...systemMounts(hostConfig, facts).filter(free),
    ...rest.sort((a, b) => depth(a.destination) - depth(b.destination)), // a volume on /etc must not hide /etc/hosts
  ]
}

function systemMounts(
  { Privileged, ReadonlyRootfs, ShmSize, IpcMode = '' }: HostConfig,
  { sharedMemory, writableCgroups }: MountFacts,
): OciMount[] {
  const safe = ['nosuid', 'noexec', 'nodev']
  const access = Privileged && !ReadonlyRootfs ? 'rw' : 'ro'
  const mount = (destination: string, type: string, options: string[], source = type): OciMount => ({
    destination,
    type,
    source,
    options,
  })
  const shmSource = IpcMode === 'host' ? '/dev/shm' : sharedMemory
  const shm =
    shmSource !== undefined
      ? [mount('/dev/shm', 'bind', ['rbind', 'rprivate'], shmSource)]
      : [mount('/dev/shm', 'tmpfs', [...safe, 'mode=1777', `size=${ShmSize || defaultShmBytes}`], 'shm')]
  return [
    mount('/proc', 'proc', safe),
    mount('/dev', 'tmpfs', ['nosuid', 'strictatime', 'mode=755', 'size=65536k']),
    mount('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
    mount('/sys', 'sysfs', [...safe, access]),
    mount('/sys/fs/cgroup', 'cgroup', [...safe, writableCgroups ? 'rw' : access]),
    mount('/dev/mqueue', 'mqueue', safe),
    ...(IpcMode === 'none' ? [] : shm),
  ]
}

function fileMounts({ ReadonlyRootfs }: HostConfig, { files, initPath }: MountFacts): OciMount[] {
  const options = ['rbind', 'rprivate', ...(ReadonlyRootfs ? ['ro'] : [])]
  const own = networkFiles.flatMap((name) => {
    const source = files[name]
    return source === undefined ? [] : [{ destination: `/etc/${name}`, type: 'bind', source, options }]
  })
  if (initPath === undefined) return own
  return [...own, { destination: initTarget, type: 'bind', source: initPath, options: ['bind', 'ro'] }]
}

function bindOf(mount: BindMount, kernel: string): OciMount {
  const { source, target, readOnly, propagation, recursive } = mount
  // A propagation that is recursive would make crun bind recursively, too; with nothing below, both are the same.
  const words = recursive ? ['rbind', propagation] : ['bind', propagation.replace(/^r/, '')]
  const options = [...words, ...(readOnly ? ['ro'] : [])]
  return { destination: target, type: 'bind', source, options: [...options, ...readOnlyBelow(mount, kernel)] }
}

/** Where mounts come and go with the host's, what is below cannot be made read-only. */
function readOnlyBelow(
  { readOnly, recursive, readOnlyBelow: wish, propagation }: BindMount,
  kernel: string,
): readonly string[] {
  if (!readOnly || !recursive || wish === 'never') return []
  const possible = ['private', 'rprivate'].includes(propagation) && isAtLeast(kernel, '5.12')
  return possible || wish === 'always' ? ['rro'] : []
}

function tmpfsOf({ target, options }: UserMounts['tmpfs'][number]): OciMount {
  const kept = tmpfsDefaults.filter((word) => !options.includes(word.slice(2)))
  return {
    destination: target,
    type: 'tmpfs',
    source: 'tmpfs',
    options: [...new Set([...kept, 'rprivate', ...options])],
  }
}

function depth(path: string): number {
  return path.split('/').length
}
