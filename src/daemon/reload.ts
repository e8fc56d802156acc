import type { OpenedEngine } from '../engine/open-engine.ts'
import type { EngineLog } from '../engine/pino-log.ts'
import { planReload } from '../engine/plan-reload.ts'
import type { DaemonFlags } from './flags.ts'
import { levelOf } from './level.ts'
import { readSettings } from './settings.ts'

/** Reads the configuration again, as SIGHUP asks. One that cannot be is logged, and nothing changes. */
export function reload(flags: DaemonFlags, engine: OpenedEngine, log: EngineLog): void {
  try {
    const { config, changed, waiting } = planReload(engine.config, readSettings(flags).config)
    engine.reconfigure(config)
    log.setLevel(levelOf(config))
    log.info('reloads the configuration', { changed })
    if (waiting.length > 0) log.warn('cannot change these settings without a restart', { settings: waiting })
  } catch (error) {
    log.error('cannot reload the configuration', { error })
  }
}
