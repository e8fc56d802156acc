/** HTTP status that the Docker Engine API answers for each kind of failure. */
export const httpStatus = {
  'invalid-argument': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  internal: 500,
  'not-implemented': 501,
  unavailable: 503,
} as const

/** What kind of failure: decides the status, and what callers do. */
export type ErrorKind = keyof typeof httpStatus

/** A failure that the engine understands. Everything else that is thrown is a bug. */
export class EngineError extends Error {
  /** What went wrong, for code that decides: pick an HTTP status, retry, ignore. */
  readonly kind: ErrorKind

  constructor(kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = new.target.name
    this.kind = kind
  }
}

/** A system call, or a netlink request, that the kernel refused. */
export class KernelError extends EngineError {
  /** Symbolic errno, e.g. `"EEXIST"`. Compare this, never the message. */
  readonly errno: string
  /** The kernel's own sentence (`NLMSGERR_ATTR_MSG`), when it gave one. */
  readonly detail: string | undefined

  constructor(action: string, errno: string, detail?: string) {
    super(kindOfErrno[errno] ?? 'internal', `Cannot ${action}: ${detail ?? errno}`)
    this.errno = errno
    this.detail = detail
  }
}

const kindOfErrno: Readonly<Record<string, ErrorKind>> = {
  EEXIST: 'conflict',
  EBUSY: 'conflict',
  ENODEV: 'not-found',
  ENOENT: 'not-found',
  EPERM: 'forbidden',
  EINVAL: 'invalid-argument',
  EOPNOTSUPP: 'not-implemented',
}

/** True when `error` is the kernel saying one of `errnos`. */
export function isErrno(error: unknown, ...errnos: string[]): error is KernelError {
  return error instanceof KernelError && errnos.includes(error.errno)
}

/** True when `error` is Node saying one of `codes` of a system call that it made. */
export function hasCode(error: unknown, ...codes: readonly string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
