import { closeSync, constants, openSync, readFileSync } from 'node:fs'
import { isErrno } from '../base/errors.ts'
import { check, libcFunction } from './libc.ts'

const MS_RDONLY = 1
const MS_NOSUID = 2
const MS_NODEV = 4
const MS_NOEXEC = 8
const MS_REMOUNT = 32
const MS_BIND = 4096
const MS_REC = 16_384
const MNT_DETACH = 2
const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100
const STATX_ATTR_MOUNT_ROOT = 0x2000n
/** Where `stx_attributes` lies in `struct statx`, and how large that is. @source include/uapi/linux/stat.h */
const statx = { bytes: 256, attributes: 8 } as const
/** The kernel copies one page of mount options, its closing NUL included. */
const longestOptions = 4095

const mount = libcFunction(
  'int mount(const char *source, const char *target, const char *type, ulong flags, const char *data)',
)
const umount2 = libcFunction('int umount2(const char *target, int flags)')
const statxCall = libcFunction('int statx(int dirfd, const char *path, int flags, uint mask, void *buffer)')

const flagBits = { readOnly: MS_RDONLY, noSuid: MS_NOSUID, noDev: MS_NODEV, noExec: MS_NOEXEC } as const

/** Flags of a mount that may be combined. */
export type MountFlag = keyof typeof flagBits

/** One line of `/proc/self/mountinfo`. @source proc_pid_mountinfo(5) */
export interface MountEntry {
  readonly id: number
  readonly parent: number
  /** Directory of the file system that is mounted here. */
  readonly root: string
  readonly target: string
  readonly type: string
  readonly source: string
  /** Options of the file system: `["rw", "memory"]`. */
  readonly options: readonly string[]
  /** What is mounted or unmounted below goes to others of its group (`shared`), or comes from them (`slave`). */
  readonly propagation: { readonly shared: boolean; readonly slave: boolean }
}

/** The directories of an overlay mount. */
export interface OverlayMount {
  /** Top first, absolute. */
  readonly lower: readonly string[]
  readonly upper: string
  readonly work: string
  readonly target: string
}

/**
 * Mounts a file system of the kernel's: `tmpfs`, `cgroup`, …
 *
 * @param options  what the file system itself understands: `"size=64m,mode=1777"`
 * @throws {KernelError} with the errno of mount(2)
 */
export function mountFileSystem(
  type: string,
  target: string,
  { source = type, options = '', flags = [] }: { source?: string; options?: string; flags?: readonly MountFlag[] } = {},
): void {
  const bits = flags.reduce((sum, flag) => sum | flagBits[flag], 0)
  check(`mount ${type} on "${target}"`, mount(source, target, type, bits, options))
}

/**
 * Mounts layers as one writable tree.
 *
 * A list of lower directories that does not fit into the kernel's page of options is given by descriptors instead of
 * paths; some 200 of them fit.
 *
 * @source Documentation/filesystems/overlayfs.rst
 */
export function mountOverlay({ lower, upper, work, target }: OverlayMount): void {
  mountLower(lower, target, `,upperdir=${escapePath(upper)},workdir=${escapePath(work)}`)
}

/** Mounts two layers or more, top first, as one tree that nobody can write to. */
export function mountLayers(layers: readonly string[], target: string): void {
  mountLower(layers, target, '')
}

function mountLower(lower: readonly string[], target: string, more: string): void {
  const optionsOf = (dirs: readonly string[]) => `lowerdir=${dirs.map(escapePath).join(':')}${more}`
  const plain = optionsOf(lower)
  if (Buffer.byteLength(plain) <= longestOptions) {
    mountFileSystem('overlay', target, { options: plain })
    return
  }
  const fds: number[] = []
  try {
    for (const dir of lower) fds.push(openSync(dir, constants.O_RDONLY | constants.O_DIRECTORY))
    mountFileSystem('overlay', target, { options: optionsOf(fds.map((fd) => `/proc/self/fd/${fd}`)) })
  } finally {
    for (const fd of fds) closeSync(fd)
  }
}

/** Shows `source` also at `target`; what is mounted below it comes along with `recursive`. */
export function mountBind(
  source: string,
  target: string,
  { recursive = false, readOnly = false }: { recursive?: boolean; readOnly?: boolean } = {},
): void {
  const action = `bind "${source}" to "${target}"`
  check(action, mount(source, target, '', MS_BIND | (recursive ? MS_REC : 0), ''))
  // The kernel ignores all other flags of the first call.
  if (readOnly) remountReadOnly(target)
}

/** Makes a bind mount read-only; `target` must lead to its root. */
export function remountReadOnly(target: string): void {
  check(`make "${target}" read-only`, mount('', target, '', MS_BIND | MS_REMOUNT | MS_RDONLY, ''))
}

/** Takes away the mount at `target`, also while it is in use. Nothing mounted there, or no such path, is success. */
export function removeMount(target: string): void {
  try {
    check(`unmount "${target}"`, umount2(target, MNT_DETACH))
  } catch (error) {
    if (!isErrno(error, 'EINVAL', 'ENOENT')) throw error
  }
}

/**
 * Like `removeMount`, on a pool thread: the end of an overlay waits until all of the file system below its top is
 * written to the disk, whoever changed it.
 */
export async function removeMountAsync(target: string): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<number>()
  umount2.async(target, MNT_DETACH, (_, result) => resolve(result))
  // errno is of the pool thread: gone. Nothing was done then, so that the same can be asked again.
  if ((await promise) < 0) removeMount(target)
}

/** Whether something is mounted at `path`, of its own or as a bind mount. Linux 5.8 and later. @source statx(2) */
export function isMountPoint(path: string): boolean {
  const buffer = Buffer.alloc(statx.bytes)
  try {
    check(`look at "${path}"`, statxCall(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0, buffer))
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR')) return false
    throw error
  }
  return (buffer.readBigUInt64LE(statx.attributes) & STATX_ATTR_MOUNT_ROOT) !== 0n
}

/** All mounts of this process's namespace, in the order they were made. */
export function readMounts(): MountEntry[] {
  return parseMounts(readFileSync('/proc/self/mountinfo', 'utf8'))
}

/** Reads the text of a `mountinfo` file. @throws {RangeError} on a line that is not one of its */
export function parseMounts(text: string): MountEntry[] {
  return text.split('\n').filter(Boolean).map(parseLine)
}

function parseLine(line: string): MountEntry {
  const [front, back] = line.split(' - ')
  const [id, parent, , root, target, , ...tags] = (front ?? '').split(' ')
  const [type, source, options] = (back ?? '').split(' ')
  if (target === undefined || options === undefined) throw new RangeError(`not a line of mountinfo: ${line}`)
  return {
    id: Number(id),
    parent: Number(parent),
    root: unescapeOctal(root!),
    target: unescapeOctal(target),
    type: type!,
    source: unescapeOctal(source!),
    options: options.split(','),
    propagation: { shared: hasTag(tags, 'shared'), slave: hasTag(tags, 'master') },
  }
}

/** `"shared:2"` */
function hasTag(tags: readonly string[], name: string): boolean {
  return tags.some((tag) => tag.startsWith(`${name}:`))
}

/** Blanks, tabs, newlines and backslashes are written as three octal digits. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** Colons and commas separate overlay's options; a backslash takes their meaning away. */
function escapePath(path: string): string {
  return path.replace(/[\\:,]/g, '\\$&')
}
