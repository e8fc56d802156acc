/** Fields of one log line: ids, counts, paths. Never interpolate them into the message. */
export type LogFields = Readonly<Record<string, unknown>>

/**
 * Where a part of the engine says what happens. One line is one event, in the present tense.
 *
 * `error`: somebody must act. `warn`: the engine worked round something. `info`: state changed. `debug`: why.
 */
export interface Log {
  error(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  info(message: string, fields?: LogFields): void
  debug(message: string, fields?: LogFields): void
  /** A log for one part; its name and fields are on every line. */
  child(part: string, fields?: LogFields): Log
}

/** A log that says nothing, for tests and for tools that print their own words. */
export const silentLog: Log = {
  error() {},
  warn() {},
  info() {},
  debug() {},
  child: () => silentLog,
}
