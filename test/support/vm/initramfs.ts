import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { GuestKernel } from './guest-kernel.ts'

/** What it takes to mount the host's share, with a layer above it, and to answer. */
const modules = ['virtiofs', 'virtio_pci', 'virtio_console', 'overlay']

/**
 * Makes the initramfs: busybox, the few modules without which nothing else can be reached, and `init`. Everything else
 * is shared by the host, so this is 3 MB, and made in no time.
 *
 * @param directory an empty one; the archive is in it
 * @returns its path
 */
export function makeInitramfs(kernel: GuestKernel, directory: string): string {
  const root = join(directory, 'root')
  for (const folder of ['bin', 'modules', 'memory']) mkdirSync(join(root, folder), { recursive: true })
  copyFileSync('/bin/busybox', join(root, 'bin/busybox'))
  copyFileSync(join(import.meta.dirname, 'init'), join(root, 'init'))
  execFileSync('chmod', ['755', join(root, 'init')])
  for (const [i, path] of modulePaths(kernel).entries()) {
    copyFileSync(path, join(root, 'modules', `${String(i).padStart(2, '0')}-${basename(path)}`))
  }
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()
  const archive = execFileSync('/bin/busybox', ['cpio', '-o', '-H', 'newc'], {
    cwd: root,
    input: ['.', ...names].join('\n'),
    maxBuffer: 2 ** 28,
    stdio: ['pipe', 'pipe', 'ignore'], // how many blocks it wrote
  })
  const path = join(directory, 'initramfs')
  writeFileSync(path, archive)
  return path
}

/** Their files, each after those that it needs. */
function modulePaths({ directory, version }: GuestKernel): string[] {
  const found = modules.flatMap((name) => {
    const said = execFileSync('modprobe', ['-d', directory, '-S', version, '--show-depends', name], {
      encoding: 'utf8',
    })
    return said.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? [])
  })
  return [...new Set(found)]
}
