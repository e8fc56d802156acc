import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where `tools/setup.sh` unpacks Debian's kernel package; nothing of it is installed. */
const directories = ['/usr/local/lib/wharf/vm-kernel', join(process.env['HOME'] ?? '/', '.cache/wharf/vm-kernel')]

/** A kernel to boot, as its package has it. */
export interface GuestKernel {
  /** `"6.1.0-50-cloud-amd64"` */
  readonly version: string
  /** What to boot. */
  readonly image: string
  /** For `modprobe -d`: what has `lib/modules`. */
  readonly directory: string
}

/** Finds the kernel. @throws when it was never unpacked, with what to do */
export function findGuestKernel(): GuestKernel {
  const directory = directories.find((one) => existsSync(join(one, 'lib/modules')))
  if (directory === undefined) {
    throw new Error(`there is no kernel for the virtual machine in ${directories[0]}: "./wharf test" unpacks it`)
  }
  const version = readdirSync(join(directory, 'lib/modules'))[0]!
  return { version, image: join(directory, 'boot', `vmlinuz-${version}`), directory }
}
