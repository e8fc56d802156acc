import { pino } from 'pino'
import type { Log } from '../base/log.ts'

/** A log of JSON lines on standard error: time, level, part, message and fields. */
export function createLog(level: 'debug' | 'info' | 'warn' | 'error'): Log {
  const options: pino.LoggerOptions = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.errWithCause },
  }
  return wrap(pino(options, pino.destination(2)))
}

function wrap(logger: pino.Logger): Log {
  return {
    error: (message, fields = {}) => logger.error(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    info: (message, fields = {}) => logger.info(fields, message),
    debug: (message, fields = {}) => logger.debug(fields, message),
    child: (part, fields = {}) => wrap(logger.child({ part, ...fields })),
  }
}
