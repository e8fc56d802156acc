import { existsSync, readFileSync } from 'node:fs'
import { EngineError } from '../base/errors.ts'
import type { EngineConfig } from '../engine/config.ts'
import { foreignKeysOf, parseConfig } from '../engine/parse-config.ts'
import type { DaemonFlags } from './flags.ts'

const defaultConfigFile = '/etc/wharf/daemon.json'

/** What flags and configuration file say together. */
export interface Settings {
  readonly config: EngineConfig
  /** Flags and keys of parts that are not here. */
  readonly foreign: readonly string[]
}

/**
 * Reads the configuration file, as the flags name it, and puts both together. May be called again: SIGHUP does.
 *
 * @throws {EngineError} `invalid-argument` with Docker's words
 */
export function readSettings({ configFile, settings, foreign }: DaemonFlags): Settings {
  const path = configFile ?? defaultConfigFile
  const text = configFile === undefined && !existsSync(path) ? undefined : readText(path)
  try {
    return { config: parseConfig(text, settings), foreign: [...new Set([...foreign, ...foreignKeysOf(text)])] }
  } catch (cause) {
    if (!(cause instanceof EngineError) || text === undefined) throw cause
    throw new EngineError(cause.kind, `unable to configure the daemon with file ${path}: ${cause.message}`, { cause })
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new EngineError('invalid-argument', `Cannot read the configuration: ${(cause as Error).message}`, { cause })
  }
}
