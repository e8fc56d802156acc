import { pino } from 'pino'
import type { Log } from '../base/log.ts'

const severities = { debug: 20, info: 30, warn: 40, error: 50, fatal: 60 } as const

/** How severe a line must at least be. */
export type LogLevel = keyof typeof severities

/** The engine's log: its level may change while it runs, for all its parts at once. */
export interface EngineLog extends Log {
  setLevel(level: LogLevel): void
}

/** A log of JSON lines on standard error: time, level, part, message and fields. */
export function createLog(level: LogLevel): EngineLog {
  const options: pino.LoggerOptions = {
    level: 'debug',
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.errWithCause },
  }
  let least: number = severities[level]
  const log = wrap(pino(options, pino.destination(2)), (severity) => severities[severity] >= least)
  return {
    ...log,
    setLevel(next) {
      least = severities[next]
    },
  }
}

function wrap(logger: pino.Logger, isWanted: (severity: LogLevel) => boolean): Log {
  const line =
    (severity: 'debug' | 'info' | 'warn' | 'error'): Log['info'] =>
    (message, fields = {}) => {
      if (isWanted(severity)) logger[severity](fields, message)
    }
  return {
    error: line('error'),
    warn: line('warn'),
    info: line('info'),
    debug: line('debug'),
    child: (part, fields = {}) => wrap(logger.child({ part, ...fields }), isWanted),
  }
}
