import { check, libcFunction } from './libc.ts'

const getrandom = libcFunction('int64_t getrandom(void *data, size_t length, unsigned int flags)')

/** Fills at most 256 bytes with what nobody can guess, without the memory that `node:crypto` takes. @source getrandom(2) */
export function fillRandom(bytes: Uint8Array): void {
  check('get random bytes', getrandom(bytes, bytes.length, 0))
}
