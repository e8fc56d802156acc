import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Cli } from './docker.ts'
import { runOk } from './finished.ts'

const busybox = '/bin/busybox'

/**
 * A root file system as a tar: the static busybox of this machine with a link for each of its applets, and the few
 * files that programs look for. It is what `docker import` takes.
 */
export async function busyboxRootfs(): Promise<Buffer> {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-image-'))
  try {
    const root = join(dir, 'root')
    for (const folder of ['bin', 'dev', 'etc', 'proc', 'root', 'sys', 'tmp', 'usr', 'var', 'www']) {
      mkdirSync(join(root, folder), { recursive: true })
    }
    symlinkSync('../bin', join(root, 'usr/bin'))
    copyFileSync(busybox, join(root, 'bin/busybox'))
    for (const applet of (await runOk(busybox, ['--list'])).split('\n')) {
      if (applet !== 'busybox') symlinkSync('busybox', join(root, 'bin', applet))
    }
    writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n')
    writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnobody:x:65534:\n')
    const tar = join(dir, 'root.tar')
    await runOk('tar', ['--numeric-owner', '--owner=0', '--group=0', '-C', root, '-cf', tar, '.'])
    return readFileSync(tar)
  } finally {
    rmSync(dir, { recursive: true })
  }
}

let rootfs: Promise<Buffer> | undefined

/** Imports the image `busybox`: the static busybox, command `sh`. The tar is made once in each process. */
export async function importBusybox(client: Cli): Promise<void> {
  rootfs ??= busyboxRootfs()
  const { code, stderr } = await client.run(['import', '-c', 'CMD ["sh"]', '-', 'busybox'], { input: await rootfs })
  if (code !== 0) throw new Error(`Cannot import the image: ${stderr}`)
}
