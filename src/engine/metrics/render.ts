import type { Registry } from 'prom-client'
import type { Family } from '../../base/meters.ts'

/** Numbers as Prometheus reads them. */
export interface MetricsText {
  readonly contentType: string
  readonly text: string
}

/** Writes families down. The library is loaded when somebody asks for the first time: most engines are never asked. */
export async function renderMetrics(families: readonly Family[]): Promise<MetricsText> {
  const { Registry } = await import('prom-client')
  const registry = new Registry()
  for (const family of families) register(registry, family)
  return { contentType: registry.contentType, text: await registry.metrics() }
}

/** The registry asks a metric for its values by `get`; it needs nothing else of one. */
function register(registry: Registry, { name, help, type, samples }: Family): void {
  const values = samples.map(({ labels, value, suffix }) => ({ labels, value, metricName: `${name}${suffix ?? ''}` }))
  const read = { name, help, type, values, aggregator: 'sum' }
  const metric = { name, get: async () => read }
  registry.registerMetric(metric as never) // the library's type is a union of its own classes
}
