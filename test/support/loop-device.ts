import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from './finished.ts'

/** A block device of a test's own, on a file. */
export interface LoopDevice extends AsyncDisposable {
  /** `"/dev/loop0"`. */
  readonly path: string
  /** `"7:0"`. */
  readonly numbers: string
}

/** Makes a block device of so many bytes; it goes away with this object. Needs the kernel's loop driver. */
export async function createLoopDevice(bytes: number): Promise<LoopDevice> {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-loop-'))
  const file = join(dir, 'disk')
  await runOk('truncate', ['-s', `${bytes}`, file])
  const path = (await runOk('losetup', ['--find', '--show', '--sector-size', '512', file])).trim()
  const { rdev } = statSync(path)
  return {
    path,
    numbers: `${rdev >> 8}:${rdev & 0xff}`,
    async [Symbol.asyncDispose]() {
      await runOk('losetup', ['--detach', path])
      rmSync(dir, { recursive: true })
    },
  }
}
