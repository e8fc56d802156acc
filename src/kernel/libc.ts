import { constants } from 'node:os'
import koffi from 'koffi'
import { KernelError } from '../base/errors.ts'

const library = koffi.load('libc.so.6')

/** A libc function as JavaScript sees it. Buffers are passed by address: the kernel may write into them. */
export type NativeFunction = ((...args: unknown[]) => number) & {
  /** Runs the call on a pool thread; the thread is taken until it returns. */
  async(...args: [...unknown[], (error: Error | null, result: number) => void]): void
}

/**
 * Binds one libc function by its C prototype. Each file of `kernel/` declares the calls that it makes.
 *
 * @example
 * const umount2 = libcFunction('int umount2(const char *target, int flags)')
 */
export function libcFunction(prototype: string): NativeFunction {
  return library.func(prototype) as unknown as NativeFunction
}

const errnoNames = new Map(Object.entries(constants.errno).map(([name, value]) => [value as number, name]))

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
