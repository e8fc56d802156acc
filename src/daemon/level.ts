import type { EngineConfig } from '../engine/config.ts'
import type { LogLevel } from '../engine/pino-log.ts'

/** The level that counts: `debug` beats `log-level`. */
export function levelOf({ debug, logLevel }: EngineConfig): LogLevel {
  return debug ? 'debug' : logLevel
}
