import { createServer, type Server } from 'node:http'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/engine.ts'
import { createApp } from './app.ts'
import { listenOnUnix, unixPathOf } from './listen.ts'
import { allRoutes } from './routes/all.ts'
import { Upgrades } from './upgrades.ts'

/** The Docker Engine API of one engine. */
export interface ApiServer {
  /**
   * Begins to serve on one more address: `"unix:///run/wharf.sock"`.
   *
   * @throws {EngineError} `invalid-argument` for an address that is not served, `conflict` when another one is there
   */
  listen(host: string): Promise<void>
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

/** Makes the API of an engine. It serves nothing until `listen`. */
export function createApiServer({ engine, log }: { readonly engine: Engine; readonly log: Log }): ApiServer {
  const upgrades = new Upgrades()
  const app = createApp({ engine, log, upgrades }, allRoutes)
  const servers: Server[] = []
  return {
    async listen(host) {
      const path = unixPathOf(host)
      await app.ready()
      const route = app.routing.bind(app)
      // Clients keep a connection as long as they like: it costs them a descriptor, and closing it under their
      // hands would fail their next request.
      const server = createServer(
        { keepAliveTimeout: 0, requestTimeout: 0, shouldUpgradeCallback: upgrades.wants },
        route,
      )
      server.on('upgrade', (request, socket, head) => upgrades.accept(request, socket, head, route))
      await listenOnUnix(server, path)
      servers.push(server)
    },
    async close() {
      upgrades.closeAll()
      await Promise.all(servers.map(closeServer))
      await app.close()
    },
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
