import { createHash } from 'node:crypto'
import { copyFileSync, linkSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import { readTextIfThere } from '../host-facts.ts'
import { editHosts, readdressHosts } from './hosts-file.ts'

/** The three files that every container finds in /etc, whoever made its image. */
export const sandboxFileNames = ['hosts', 'hostname', 'resolv.conf'] as const

/** What to write into them. */
export interface SandboxFiles {
  readonly hosts: string
  /** Without the line end. */
  readonly hostname: string
  readonly resolvConf: string
}

/** Writes all three, whatever was there. @returns the hash of the resolv.conf */
export function writeSandboxFiles(dir: string, { hosts, hostname, resolvConf }: SandboxFiles): string {
  write(join(dir, 'hosts'), hosts)
  write(join(dir, 'hostname'), `${hostname}\n`)
  write(join(dir, 'resolv.conf'), resolvConf)
  return hashOf(resolvConf)
}

/**
 * Writes a resolv.conf unless somebody else has changed it since.
 *
 * @param lastHash of what we wrote last
 * @returns the hash of what we wrote last, now
 */
export function updateResolvConf(dir: string, text: string, lastHash: string): string {
  const path = join(dir, 'resolv.conf')
  if (hashOf(readTextIfThere(path)) !== lastHash) return lastHash
  if (hashOf(text) !== lastHash) write(path, text)
  return hashOf(text)
}

/** Takes lines out of the hosts file, and adds others; the user's own stay. */
export function updateHosts(dir: string, gone: readonly string[], come: readonly string[]): void {
  const path = join(dir, 'hosts')
  const before = readTextIfThere(path)
  const after = editHosts(before, gone, come)
  if (after !== before) write(path, after)
}

/** Gives names in the hosts file other addresses: lines of links, whose containers come and go. */
export function updateLinkLines(dir: string, lines: readonly string[]): void {
  const path = join(dir, 'hosts')
  const before = readTextIfThere(path)
  const after = readdressHosts(before, lines)
  if (after !== before) write(path, after)
}

/** Gives a container the very files of another, so that both see every change. */
export function shareSandboxFiles(donorDir: string, dir: string): void {
  for (const name of sandboxFileNames) {
    const path = join(dir, name)
    rmSync(path, { force: true })
    try {
      linkSync(join(donorDir, name), path)
    } catch (error) {
      // On another file system a copy has to do.
      if (!hasCode(error, 'EXDEV', 'EPERM', 'EMLINK')) throw error
      copyFileSync(join(donorDir, name), path)
    }
  }
}

/** In place: containers have the file itself mounted, not its name. */
function write(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o644 })
}

/** What a `resolvConfHash` is made of. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
