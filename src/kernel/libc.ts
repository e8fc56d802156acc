import { constants } from 'node:os'
import koffi from 'koffi'
import { EngineError, KernelError } from '../base/errors.ts'

const library = koffi.load('libc.so.6')

/** A libc function as JavaScript sees it. Buffers are passed by address: the kernel may write into them. */
export type NativeFunction = ((...args: unknown[]) => number) & {
  /** Runs the call on a pool thread; the thread is taken until it returns. */
  async(...args: [...unknown[], (error: Error | null, result: number) => void]): void
}

/**
 * Binds one libc function by its C prototype. Each file of `kernel/` declares the calls that it makes;
 * `sockets/socket-calls.ts` has those of all who make sockets.
 *
 * @example
 * const umount2 = libcFunction('int umount2(const char *target, int flags)')
 */
export function libcFunction(prototype: string): NativeFunction {
  return library.func(prototype) as unknown as NativeFunction
}

/** A shared library other than libc. */
export interface NativeLibrary {
  /** Binds one function by its C prototype; `Result` is what the prototype says: `const char *` is a string. */
  bind<Result>(prototype: string): (...args: unknown[]) => Result
}

/**
 * Loads a shared library by the name of its file.
 *
 * @throws {EngineError} `not-implemented` when it is not installed
 * @example
 * const free = nativeLibrary('libnftables.so.1').bind<void>('void nft_ctx_free(void *context)')
 */
export function nativeLibrary(file: string): NativeLibrary {
  try {
    const loaded = koffi.load(file)
    return { bind: <Result>(prototype: string) => loaded.func(prototype) as unknown as (...args: unknown[]) => Result }
  } catch (cause) {
    throw new EngineError('not-implemented', `Cannot load "${file}": it is not installed`, { cause })
  }
}

/** Where a buffer lies in memory, for structures that point at others. Its owner keeps the buffer alive. */
export function addressOf(memory: Uint8Array): bigint {
  return koffi.address(memory)
}

/** Second names of the same value. */
const aliases = new Set(['EWOULDBLOCK', 'ENOTSUP'])
const errnoNames = new Map(
  Object.entries(constants.errno)
    .filter(([name]) => !aliases.has(name))
    .map(([name, value]) => [value as number, name]),
)

/** The symbol of an errno value: `errnoName(17)` is `"EEXIST"`. */
export function errnoName(errno: number): string {
  return errnoNames.get(errno) ?? `errno ${errno}`
}

/**
 * The value a libc call returned, or a `KernelError` when it returned -1.
 *
 * Call it directly around the libc call: V8 may overwrite `errno` whenever it gets to run.
 *
 * @throws {KernelError} with the `errno` that the call left
 */
export function check(action: string, result: number | bigint): number {
  if (result < 0) throw new KernelError(action, errnoName(koffi.errno()))
  return Number(result)
}
