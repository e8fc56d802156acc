import { metersOf } from '../meters.ts'
import type { Routes } from '../parts.ts'

/** `GET /metrics`: all numbers for Prometheus. Docker serves them at an address of their own, which `metrics-addr` gives. */
export const metricsRoutes: Routes = (app, { engine, meters }) => {
  app.get('/metrics', async (_, reply) => {
    const { contentType, text } = await engine.metrics(metersOf(meters))
    return reply.header('content-type', contentType).send(text)
  })
}
