import {
  chmodSync,
  chownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cli } from './docker.ts'
import { runOk } from './finished.ts'
import { busyboxRootfs } from './image.ts'

/** CAP_NET_RAW, effective and permitted. @source include/uapi/linux/capability.h, `struct vfs_cap_data` */
export const netRaw = '0x0100000200200000000000000000000000000000'

/**
 * Imports an image whose `/data` has everything that is hard to copy, with links to it (`/via/data`), and out of the image
 * (`/out`, `/up`).
 *
 * @param outside  a directory of the host, to which `/out` and `/up` lead
 */
export async function importImage(client: Cli, name: string, change: string, outside = '/tmp'): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-volume-image-'))
  try {
    const root = join(dir, 'root')
    mkdirSync(root)
    await runOk('tar', ['-C', root, '-xf', '-'], { input: await busyboxRootfs() })
    fill(join(root, 'data'))
    symlinkSync('/', join(root, 'via'))
    symlinkSync(outside, join(root, 'out'))
    symlinkSync(`../../../..${outside}`, join(root, 'up'))
    await runOk('setfattr', ['-n', 'security.capability', '-v', netRaw, join(root, 'data/tool')])
    await runOk('setfattr', ['-n', 'user.note', '-v', 'kept', join(root, 'data/one')])
    const tar = join(dir, 'image.tar')
    await runOk('tar', ['--xattrs', '--xattrs-include=*', '--numeric-owner', '--sparse', '-C', root, '-cf', tar, '.'])
    await client.ok('import', '-c', change, '-c', 'CMD ["sh"]', tar, name)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

function fill(data: string): void {
  mkdirSync(join(data, 'sub'), { recursive: true })
  writeFileSync(join(data, 'one'), 'one')
  linkSync(join(data, 'one'), join(data, 'sub/two'))
  chownSync(join(data, 'one'), 7, 8)
  chmodSync(join(data, 'one'), 0o4711)
  symlinkSync('/etc/passwd', join(data, 'absolute'))
  writeFileSync(join(data, 'hole'), '')
  truncateSync(join(data, 'hole'), 10_000_000)
  writeFileSync(join(data, 'tool'), '')
  chownSync(join(data, 'tool'), 7, 8)
  chownSync(data, 1000, 1001)
  chmodSync(data, 0o1750)
}
