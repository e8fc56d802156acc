import type { ApiServer } from '../api/server.ts'
import type { OpenedEngine } from '../engine/open-engine.ts'
import type { EngineLog } from '../engine/pino-log.ts'
import { planReload } from '../engine/plan-reload.ts'
import type { DaemonFlags } from './flags.ts'
import { guardOf } from './guard.ts'
import { levelOf } from './level.ts'
import { readSettings } from './settings.ts'

/** What a new configuration is told to. */
export interface ReloadParts {
  readonly flags: DaemonFlags
  readonly engine: OpenedEngine
  readonly server: ApiServer
  readonly log: EngineLog
}

/** Reads configuration and certificates again, as SIGHUP asks. What cannot be is logged, and nothing changes. */
export function reload({ flags, engine, server, log }: ReloadParts): void {
  try {
    const { config, changed, waiting } = planReload(engine.config, readSettings(flags).config)
    server.renewCertificates(guardOf(config))
    engine.reconfigure(config)
    log.setLevel(levelOf(config))
    log.info('reloads the configuration', { changed })
    if (waiting.length > 0) log.warn('cannot change these settings without a restart', { settings: waiting })
  } catch (error) {
    log.error('cannot reload the configuration', { error })
  }
}
