import { libcFunction } from '../libc.ts'

const mallocTrim = libcFunction('int malloc_trim(size_t pad)')

/** When a process gives memory back. */
export interface Rest {
  /** Milliseconds between two looks. */
  readonly everyMs: number
  /** Of one processor, from one look to the next: who uses less rests. */
  readonly share: number
  /** Bytes that the process has grown by since it last gave back: less is not worth the pause. */
  readonly growth: number
}

const ordinary: Rest = { everyMs: 4_000, share: 0.02, growth: 6 * 2 ** 20 }

/**
 * Gives memory that is not needed back to the kernel, once this process rests: after its start, and after each busy time.
 *
 * V8 keeps what a busy time took, for it acts when somebody allocates, and so does libc's allocator. To find it takes
 * some tens of milliseconds, of a process that has nothing else to do. Disposing of it ends that.
 */
export function giveBackMemory({ everyMs, share, growth }: Rest = ordinary): Disposable {
  let kept = 0
  let spent = process.cpuUsage()
  const timer = setInterval(async () => {
    const { user, system } = process.cpuUsage(spent)
    const rests = user + system < share * everyMs * 1000
    if (rests && process.memoryUsage.rss() > kept + growth) {
      await collectGarbage()
      mallocTrim(0)
      kept = process.memoryUsage.rss()
    }
    spent = process.cpuUsage()
  }, everyMs)
  timer.unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

/** Asks V8 as a debugger would: the one way that needs no flag. Loaded when first needed, because it takes memory too. */
async function collectGarbage(): Promise<void> {
  const { Session } = process.getBuiltinModule('node:inspector/promises')
  const session = new Session()
  session.connect()
  await session.post('HeapProfiler.collectGarbage')
  session.disconnect()
}
