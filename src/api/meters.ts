import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Meter, Tally } from '../base/meters.ts'

/** What the API counts. */
export interface ApiMeters {
  /** Requests that were answered, by route and status; one that stopped being HTTP counts when it does. */
  readonly requests: Tally
}

/** Meters that stand at nothing. */
export function createApiMeters(): ApiMeters {
  return {
    requests: new Tally({
      name: 'wharf_api_requests_total',
      help: 'Requests to the API, by method, route and status',
      labels: ['method', 'route', 'code'],
    }),
  }
}

/** All of them, to be read. */
export function metersOf({ requests }: ApiMeters): readonly Meter[] {
  return [requests]
}

/** Counts every answer of an app. What no route knows is one route: names of others' making must not fill the memory. */
export function countRequests(app: FastifyInstance, { requests }: ApiMeters): void {
  app.addHook('onResponse', (request, reply, done) => {
    requests.add([request.method, request.routeOptions.url ?? 'unknown', String(reply.raw.statusCode)])
    done()
  })
  app.decorateRequest('countUpgrade', function (this: FastifyRequest) {
    requests.add([this.method, this.routeOptions.url ?? 'unknown', '101'])
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Counts a request whose connection stops being HTTP: nobody will see it answered. */
    countUpgrade(): void
  }
}
