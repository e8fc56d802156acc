import type { Family, Labels, Meter } from '../../base/meters.ts'
import type { Containers } from '../../container/containers.ts'
import type { Networking } from '../../network/networking.ts'
import type { SystemFacts } from '../engine.ts'
import type { EventLog } from '../event-log.ts'
import { containerFamilies } from './container-families.ts'
import { factFamilies, gauge, networkFamilies, processFamilies, stateFamily } from './engine-families.ts'
import { NetworkTotals } from './network-totals.ts'
import { type MetricsText, renderMetrics } from './render.ts'

/** Where the numbers come from. */
export interface MetricsSource {
  readonly containers: Containers
  readonly networks: Networking
  readonly events: EventLog
  facts(): Promise<SystemFacts>
}

/** All numbers of an engine, gathered when somebody asks. Who asks meanwhile is told the same. */
export class Metrics {
  readonly #source: MetricsSource
  readonly #totals = new NetworkTotals()
  #underWay: Promise<MetricsText> | undefined

  constructor(source: MetricsSource) {
    this.#source = source
  }

  /** @param more  meters of whoever serves the numbers */
  read(more: readonly Meter[]): Promise<MetricsText> {
    this.#underWay ??= this.#gather(more).finally(() => {
      this.#underWay = undefined
    })
    return this.#underWay
  }

  async #gather(more: readonly Meter[]): Promise<MetricsText> {
    const { containers, networks, events, facts } = this.#source
    const [measurements, names] = await Promise.all([containers.measure(), networks.readNameMeters()])
    const records = networks.list()
    const known = new Map(records.map((record) => [record.id, record]))
    const labelsOf = (id: string): Labels => ({
      network: known.get(id)?.name ?? '',
      driver: known.get(id)?.driver ?? '',
    })
    this.#totals.update(measurements, new Set(known.keys()))
    const list = containers.list()
    const families: Family[] = [
      ...factFamilies(await facts()),
      stateFamily(list),
      events.meter.read(),
      gauge('engine_daemon_events_subscribers_total', 'The number of current subscribers to events', events.listeners),
      ...[...containers.meters, ...networks.meters, ...more].map((meter) => meter.read()),
      ...networkFamilies(records, labelsOf, {
        endpoints: (id) => networks.endpointsOf(id).length,
        ports: list.reduce((sum, { id }) => sum + networks.publishedPorts(id).length, 0),
      }),
      ...this.#totals.read(labelsOf),
      ...names,
      ...containerFamilies(measurements),
      ...processFamilies(),
    ]
    return renderMetrics(families)
  }
}
