import { existsSync, readFileSync } from 'node:fs'
import { createApiServer } from '../api/server.ts'
import { EngineError } from '../base/errors.ts'
import { type EngineConfig, parseConfig } from '../engine/config.ts'
import { openEngine } from '../engine/open-engine.ts'
import { createLog } from '../engine/pino-log.ts'
import { parseFlags, usage } from './flags.ts'

const defaultConfigFile = '/etc/wharf/daemon.json'

/**
 * `wharf daemon`: runs the engine until SIGTERM or SIGINT. Containers, names and ports outlive it.
 *
 * @returns the exit code: 0 after a signal, 1 when it could not start
 */
export async function runDaemon(words: readonly string[]): Promise<number> {
  try {
    const flags = parseFlags(words)
    if (flags.help) {
      process.stdout.write(usage)
      return 0
    }
    await serve(parseConfig(readConfigFile(flags.configFile), flags.settings))
    return 0
  } catch (error) {
    process.stderr.write(`wharf daemon: ${error instanceof EngineError ? error.message : (error as Error).stack}\n`)
    return 1
  }
}

async function serve(config: EngineConfig): Promise<void> {
  const log = createLog(config.logLevel)
  const stopped = stopSignal()
  // A bug must not take the containers' control plane down with it: it is logged, and the engine goes on.
  process.on('uncaughtException', (error) => log.error('uncaught exception', { error: error.stack }))
  process.on('unhandledRejection', (reason) =>
    log.error('unhandled rejection', { reason: String((reason as Error)?.stack ?? reason) }),
  )

  await using engine = await openEngine(config, log)
  const server = createApiServer({ engine, log: log.child('api') })
  for (const host of config.hosts) {
    await server.listen(host)
    process.stdout.write(`API listening on ${host}\n`)
  }
  log.info('stops', { signal: await stopped })
  await server.close()
}

function readConfigFile(path: string | undefined): string | undefined {
  if (path === undefined && !existsSync(defaultConfigFile)) return undefined
  try {
    return readFileSync(path ?? defaultConfigFile, 'utf8')
  } catch (cause) {
    throw new EngineError('invalid-argument', `Cannot read the configuration: ${(cause as Error).message}`, { cause })
  }
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })
}
