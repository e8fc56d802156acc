import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http'
import type { Server as TlsServer } from 'node:tls'
import { EngineError } from '../base/errors.ts'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/engine.ts'
import { parseMetricsAddress } from '../engine/metrics/metrics-address.ts'
import { createApp } from './app.ts'
import { createApiMeters, metersOf } from './meters.ts'
import { createMetricsServer } from './metrics-server.ts'
import { allRoutes } from './routes/all.ts'
import { listenOnDescriptor, listenOnTcp, listenOnUnix } from './sockets/listen.ts'
import { parseListenAddress } from './sockets/listen-address.ts'
import { type Guard, readCertificates } from './sockets/tls.ts'
import { Upgrades } from './streams/upgrades.ts'

const { createServer } = process.getBuiltinModule('node:http')

/** A listening socket of somebody else's. */
export interface OpenSocket {
  readonly fd: number
  /** False: it is TCP, and guarded as such. */
  readonly isUnix: boolean
}

/** The Docker Engine API of one engine. */
export interface ApiServer {
  /**
   * Begins to serve on one more address: `"unix:///run/wharf.sock"`, `"tcp://192.0.2.1:2376"`, or on an open socket.
   *
   * @throws {EngineError} `invalid-argument` for an address that is not served, TCP that is not guarded, certificates that
   *   cannot be read; `conflict` when another one is there
   */
  listen(host: string | OpenSocket): Promise<void>
  /** Serves `/metrics` alone, without any guard: `"127.0.0.1:9323"`. @throws {EngineError} as `listen` */
  listenForMetrics(address: string): Promise<void>
  /** Reads the certificates again, for the connections to come. @throws {EngineError} `invalid-argument`; the old ones count on */
  renewCertificates(guard: Guard): void
  /** Ends every connection and stops listening. */
  close(): Promise<void>
}

/** What the API is made of. */
export interface ApiServerParts {
  readonly engine: Engine
  readonly log: Log
  /** Of TCP. */
  readonly guard?: Guard
}

type Route = (request: IncomingMessage, response: ServerResponse) => void
type AnyServer = Server & Partial<Pick<TlsServer, 'setSecureContext'>>

/** Makes the API of an engine. It serves nothing until `listen`. */
export function createApiServer({ engine, log, guard = unsaid }: ApiServerParts): ApiServer {
  const upgrades = new Upgrades()
  const meters = createApiMeters()
  const app = createApp({ engine, log, upgrades, meters }, allRoutes)
  const servers: AnyServer[] = []
  const open = (server: AnyServer, route: Route): AnyServer => {
    server.on('upgrade', (request, socket, head) => upgrades.accept(request, socket, head, route))
    servers.push(server)
    return server
  }
  // Clients keep a connection as long as they like: it costs them a descriptor, and closing it under their
  // hands would fail their next request.
  const options = { keepAliveTimeout: 0, requestTimeout: 0, shouldUpgradeCallback: upgrades.wants }
  return {
    async listen(host) {
      const isTls = guard.kind === 'tls'
      const at = typeof host === 'string' ? parseListenAddress(host, isTls) : host
      const isUnix = 'isUnix' in at ? at.isUnix : at.kind === 'unix'
      await app.ready()
      const route: Route = app.routing.bind(app)
      const name = typeof host === 'string' ? host : `fd://${host.fd}`
      const server = open(
        isUnix ? createServer(options, route) : createGuarded(name, guard, options, route, log),
        route,
      )
      if ('fd' in at) await listenOnDescriptor(server, at.fd)
      else if (at.kind === 'unix') await listenOnUnix(server, at.path)
      else await listenOnTcp(server, at.address, at.port)
    },
    async listenForMetrics(text) {
      const at = parseMetricsAddress(text)
      if (at === undefined) throw new EngineError('invalid-argument', `Cannot serve metrics on "${text}": no address`)
      const server = createMetricsServer(() => engine.metrics(metersOf(meters)), log)
      await listenOnTcp(server, at.address, at.port)
      servers.push(server)
    },
    renewCertificates(wanted) {
      if (wanted.kind !== 'tls') return
      const certificates = readCertificates(wanted)
      for (const server of servers) server.setSecureContext?.(certificates)
    },
    async close() {
      upgrades.closeAll()
      await Promise.all(servers.map(closeServer))
      await app.close()
    },
  }
}

const unsaid: Guard = { kind: 'unsaid', why: 'nobody has said how TCP is guarded' }

/** @throws {EngineError} `invalid-argument` when nobody has said how TCP is guarded: whoever reaches the port would be root */
function createGuarded(name: string, guard: Guard, options: ServerOptions, route: Route, log: Log): AnyServer {
  if (guard.kind === 'unsaid') throw new EngineError('invalid-argument', `Cannot listen on "${name}": ${guard.why}`)
  if (guard.kind === 'none') {
    log.warn('lets everybody who reaches it be root of this host', { address: name })
    return createServer(options, route)
  }
  const { verify } = guard
  const server = process.getBuiltinModule('node:https').createServer(
    // Clients close their sending side and go on reading: `docker run -i`.
    { ...options, ...readCertificates(guard), requestCert: verify, rejectUnauthorized: verify, allowHalfOpen: true },
    route,
  )
  server.on('tlsClientError', (error, socket) => {
    log.debug('refuses a client', { address: name, from: socket.remoteAddress, error: error.message })
  })
  return server
}

function closeServer(server: AnyServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
