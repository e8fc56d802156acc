import { type ApiServer, createApiServer } from '../api/server.ts'
import { EngineError } from '../base/errors.ts'
import { openEngine } from '../engine/open-engine.ts'
import { createLog } from '../engine/pino-log.ts'
import { giveBackMemory } from '../kernel/processes/give-back-memory.ts'
import { type DaemonFlags, parseFlags } from './flags.ts'
import { checkHosts, guardOf } from './guard.ts'
import { renderHelp } from './help.ts'
import { levelOf } from './level.ts'
import { writePidFile } from './pid-file.ts'
import { reload } from './reload.ts'
import { choosePassedSockets, hostsWith, meetServiceManager, type ServiceManager } from './service-manager.ts'
import { readSettings, type Settings } from './settings.ts'

/**
 * `wharf daemon`: runs the engine until SIGTERM or SIGINT. Containers, names and ports outlive it.
 *
 * @returns the exit code: 0 after a signal, 1 when it could not start
 */
export async function runDaemon(words: readonly string[]): Promise<number> {
  try {
    const flags = parseFlags(words)
    if (flags.help) {
      process.stdout.write(renderHelp())
      return 0
    }
    const settings = readSettings(flags)
    checkHosts(settings.config)
    if (flags.validate) process.stdout.write('configuration OK\n')
    else await serve(flags, settings)
    return 0
  } catch (error) {
    process.stderr.write(`wharf daemon: ${error instanceof EngineError ? error.message : (error as Error).stack}\n`)
    return 1
  }
}

async function serve(flags: DaemonFlags, { config, foreign }: Settings): Promise<void> {
  const log = createLog(levelOf(config))
  const stopped = stopSignal()
  const manager = meetServiceManager()
  // A bug must not take the containers' control plane down with it: it is logged, and the engine goes on.
  process.on('uncaughtException', (error) => log.error('uncaught exception', { error: error.stack }))
  process.on('unhandledRejection', (reason) =>
    log.error('unhandled rejection', { reason: String((reason as Error)?.stack ?? reason) }),
  )
  for (const setting of foreign) log.warn('takes a setting of a part that is not here', { setting })

  using _ = writePidFile(config.pidfile)
  await using engine = await openEngine(config, log)
  const server = createApiServer({ engine, log: log.child('api'), guard: guardOf(config) })
  process.on('SIGHUP', () => reload({ flags, engine, server, log }))
  await listenEverywhere(server, hostsWith(config.hosts, manager.sockets), manager)
  if (config.metricsAddr !== '') await server.listenForMetrics(config.metricsAddr)
  manager.notify('READY=1')
  using _rest = giveBackMemory()
  log.info('stops', { signal: await stopped })
  manager.notify('STOPPING=1')
  await server.close()
  if (!config.liveRestore) await engine.containers.stopAll() // Docker without `live-restore`
}

async function listenEverywhere(
  server: ApiServer,
  hosts: readonly string[],
  { sockets }: ServiceManager,
): Promise<void> {
  for (const host of hosts) {
    const places = host.startsWith('fd://') ? choosePassedSockets(host, sockets) : [host]
    for (const place of places) await server.listen(place)
    process.stdout.write(`API listening on ${host}\n`)
  }
}

function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve(signal))
  })
}
