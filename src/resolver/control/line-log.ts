import type { Log, LogFields } from '../../base/log.ts'

/** A log of JSON lines, as small as the resolver wants everything. `debug` is left out. */
export function createLineLog(write: (line: string) => void, part = 'resolver', fixed: LogFields = {}): Log {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      write(`${JSON.stringify({ level, time: new Date().toISOString(), part, ...fixed, ...fields, msg: message })}\n`)
  return {
    error: at('error'),
    warn: at('warn'),
    info: at('info'),
    debug() {},
    child: (name, fields = {}) => createLineLog(write, name, { ...fixed, ...fields }),
  }
}
