import { constants, mkdirSync } from 'node:fs'
import type { Descriptor } from '../../../kernel/descriptors.ts'
import { pathIn } from '../../../kernel/files/byte-paths.ts'
import { O_PATH, type RootedFiles } from '../../../kernel/files/rooted-files.ts'
import { calling, isCode } from './file-failure.ts'

/** What opens a directory, links followed, for work in it. */
export const directoryFlags = O_PATH | constants.O_DIRECTORY

/**
 * Opens a directory, with what is missing on the way to it made.
 *
 * @throws {EngineError} in Docker's words: `open /x/y: not a directory`
 */
export function ensureDirectory(root: RootedFiles, path: Buffer | string): Descriptor {
  try {
    return root.open(path, directoryFlags)
  } catch (error) {
    const bytes = Buffer.from(path as string)
    const slash = bytes.lastIndexOf(0x2f)
    if (!isCode(error, 'ENOENT') || slash < 0) return calling('open', path, () => root.open(path, directoryFlags))
    using parent = ensureDirectory(root, slash === 0 ? '/' : bytes.subarray(0, slash))
    calling('mkdir', path, () => makeDirectory(pathIn(parent.fd, bytes.subarray(slash + 1))))
    return calling('open', path, () => root.open(path, directoryFlags))
  }
}

/** Somebody in the container may have made it meanwhile. */
function makeDirectory(path: Buffer): void {
  try {
    mkdirSync(path, 0o755)
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
  }
}
