import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import type { Descriptor } from '../../../kernel/descriptors.ts'
import { pathIn } from '../../../kernel/files/byte-paths.ts'
import { O_PATH, RootedFiles } from '../../../kernel/files/rooted-files.ts'
import {
  mountBind,
  mountFileSystem,
  mountOverlay,
  type OverlayMount,
  remountReadOnly,
  removeMount,
} from '../../../kernel/mounts.ts'
import { enterPrivateMounts } from '../../../kernel/private-mounts.ts'
import type { BoundPath, FileView } from '../job.ts'
import { ensureDirectory } from './ensure-directory.ts'

/** A container's root, and what must be taken away after the work. */
export interface OpenView extends Disposable {
  readonly root: RootedFiles
}

/**
 * Opens a container's files.
 *
 * @throws {KernelError} what mount(2) says
 */
export function openView(view: FileView): OpenView {
  if (view.kind === 'open') return withRoot(`/proc/self/fd/${view.rootFd}`, () => {})
  const { overlay, bound } = view
  enterPrivateMounts()
  const target = view.keeps ? mountAsItIs(overlay) : mountOnScratch(overlay)
  const opened = withRoot(target, () => {
    for (const path of new Set([target, overlay.target])) removeMount(path)
  })
  for (const one of bound) bind(opened.root, one)
  return opened
}

function withRoot(path: string, leave: () => void): OpenView {
  const root = new RootedFiles(path)
  return {
    root,
    [Symbol.dispose]() {
      root[Symbol.dispose]()
      leave()
    },
  }
}

function mountAsItIs(overlay: OverlayMount): string {
  mountOverlay(overlay)
  return overlay.target
}

/** What is written, mount points most of all, goes to memory, and with the mount: the container may start meanwhile. */
function mountOnScratch({ lower, upper, target }: OverlayMount): string {
  mountFileSystem('tmpfs', target, { options: 'mode=700' })
  const [above, work, merged] = ['above', 'work', 'merged'].map((name) => join(target, name))
  for (const path of [above!, work!, merged!]) mkdirSync(path)
  const { uid, gid, mode } = statSync(upper)
  chownSync(above!, uid, gid)
  chmodSync(above!, mode & 0o7777)
  mountOverlay({ lower: [upper, ...lower], upper: above!, work: work!, target: merged! })
  return merged!
}

/** What is not there any more is not shown: a container could not be started with it either. */
function bind(root: RootedFiles, { source, target, readOnly }: BoundPath): void {
  if (!existsSync(source)) return
  using place = lstatSync(source).isDirectory() ? ensureDirectory(root, target) : ensureFile(root, target)
  const path = `/proc/self/fd/${place.fd}`
  mountBind(source, path, { recursive: true })
  // The path leads below the new mount: it is opened again to be changed.
  if (!readOnly) return
  using mounted = root.open(target, O_PATH)
  remountReadOnly(`/proc/self/fd/${mounted.fd}`)
}

function ensureFile(root: RootedFiles, target: string): Descriptor {
  using parent = ensureDirectory(root, dirname(target))
  const name = Buffer.from(target.slice(target.lastIndexOf('/') + 1))
  if (root.stat(target) === undefined)
    closeSync(openSync(pathIn(parent.fd, name), constants.O_CREAT | constants.O_EXCL))
  return root.open(target, O_PATH)
}
