import type { FastifyReply } from 'fastify'
import { rfc3339Now } from '../../base/clock.ts'
import type { Routes } from '../parts.ts'
import { doctorView } from '../views/doctor.ts'
import { infoView } from '../views/info.ts'
import { versionView } from '../views/version.ts'

const pingHeaders = {
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
  'Content-Type': 'text/plain; charset=utf-8',
  Swarm: 'inactive',
  // 1: the classic builder.
  'Builder-Version': '1',
}

/** `/_ping`, `/version`, `/info` and `/wharf/doctor`. @source Docker Engine API v1.51, System */
export const systemRoutes: Routes = (app, { engine }) => {
  const ping = async (_: unknown, reply: FastifyReply) => reply.headers(pingHeaders).send('OK')
  app.get('/_ping', ping)
  app.head('/_ping', async (_, reply) => reply.headers({ ...pingHeaders, 'Content-Length': 0 }).send())

  app.get('/version', async () => versionView(await engine.facts(), `node ${process.version}`))

  app.get('/info', async ({ apiVersion }) =>
    infoView({
      facts: await engine.facts(),
      state: engine.hostState(),
      config: engine.config,
      networkDrivers: engine.networks.drivers,
      containers: engine.containers.list(),
      images: engine.images.list().length,
      now: rfc3339Now(),
      advertised: engine.cluster?.self.address,
      version: apiVersion,
    }),
  )

  app.get('/wharf/doctor', async () => doctorView(await engine.facts(), engine.examineHost()))
}
