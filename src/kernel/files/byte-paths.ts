/** A path as libc takes it, ended by a NUL: a file name need not be UTF-8. */
export function pathBytes(path: Buffer | string): Buffer {
  return Buffer.concat([Buffer.from(path as Buffer), Buffer.of(0)])
}

/** The path of `name` in an open directory: it stays in that directory, whatever is renamed meanwhile. */
export function pathIn(directoryFd: number, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`/proc/self/fd/${directoryFd}/`), name])
}
