import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Timings } from './timings.ts'

/** Runs crun to its end; the container has nothing of ours open. */
async function run(words: readonly string[], cwd: string): Promise<void> {
  const child = spawn('crun', words, { cwd, stdio: 'ignore' })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`crun ${words.join(' ')}: exit code ${code}`)
}

/** What the OCI runtime costs by itself, for the same program and no network: create, start, exec, kill, delete. */
export async function measureBareRuntime(timings: Timings, rounds: number): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-bench-'))
  try {
    await makeBundle(dir)
    const crun = (...words: string[]) => run(['--root', join(dir, 'state'), ...words], dir)
    for (let round = 0; round < rounds; round++) {
      const id = `wharf-bench-${process.pid}-${round}`
      await timings.time('crun start', async () => {
        await crun('create', id)
        await crun('start', id)
      })
      await timings.time('crun exec', () => crun('exec', id, 'true'))
      await timings.time('crun rm', async () => {
        await crun('kill', id, 'KILL')
        await crun('delete', '--force', id)
      })
    }
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

async function makeBundle(dir: string): Promise<void> {
  for (const folder of ['bin', 'proc', 'sys', 'dev']) mkdirSync(join(dir, 'rootfs', folder), { recursive: true })
  copyFileSync('/bin/busybox', join(dir, 'rootfs/bin/busybox'))
  for (const applet of ['sh', 'sleep', 'true']) symlinkSync('busybox', join(dir, 'rootfs/bin', applet))
  await run(['spec'], dir)
  const { default: spec } = await import(join(dir, 'config.json'), { with: { type: 'json' } })
  spec.process = { ...spec.process, terminal: false, args: ['sleep', '1000'] }
  writeFileSync(join(dir, 'config.json'), JSON.stringify(spec))
}
