import type { Child, ChildEnd } from '../../kernel/processes/child.ts'

const lookEveryMs = 50

/**
 * Looks at the work of a process until it ends, and ends it when nothing moves: a registry may keep a connection open
 * and send nothing on it.
 *
 * @param look  called again and again, and once after the end; answers whether anything has moved
 * @param silenceMs  how long nothing may move and nothing be said
 */
export async function followChild(
  child: Child,
  silenceMs: number,
  look: () => boolean,
): Promise<ChildEnd & { readonly silent: boolean }> {
  let movedAt = performance.now()
  let silent = false
  const moved = () => {
    movedAt = performance.now()
  }
  child.process.stdout.on('data', moved)
  child.process.stderr.on('data', moved)
  const timer = setInterval(() => {
    // What a process leaves when it is killed looks like movement, and is none.
    if (silent) return
    if (look()) moved()
    silent = performance.now() - movedAt > silenceMs
    if (silent) child.process.kill('SIGKILL')
  }, lookEveryMs)
  try {
    const end = await child.end
    return { ...end, silent }
  } finally {
    clearInterval(timer)
    look()
  }
}
