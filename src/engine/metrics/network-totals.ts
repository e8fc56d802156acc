import type { Family, Labels } from '../../base/meters.ts'
import type { Measurement } from '../../container/stats/measurement.ts'
import type { InterfaceTraffic } from '../../network/sandbox/traffic.ts'

/** What is added up for a network. */
type Totals = Record<(typeof kinds)[number][0], number>

const kinds = [
  ['receivedBytes', 'receive_bytes_total', 'Bytes that came to its containers, as of the times it was asked'],
  ['receivedPackets', 'receive_packets_total', 'Packets that came to its containers, as of the times it was asked'],
  ['sentBytes', 'transmit_bytes_total', 'Bytes that its containers sent, as of the times it was asked'],
  ['sentPackets', 'transmit_packets_total', 'Packets that its containers sent, as of the times it was asked'],
] as const

/**
 * Adds up what the containers of each network carry, through their lives: a total never falls while a network is there.
 * What a container carries between the last time that somebody asked and its end is not in it.
 */
export class NetworkTotals {
  readonly #totals = new Map<string, Totals>()
  /** By endpoint: what was in the totals of each when it was last looked at. */
  #counted = new Map<string, InterfaceTraffic>()

  /** Takes what all containers have carried until now. @param present  networks that there are, by id */
  update(measurements: readonly Measurement[], present: ReadonlySet<string>): void {
    const counted = new Map<string, InterfaceTraffic>()
    for (const each of measurements.flatMap(({ traffic }) => traffic)) {
      if (counted.has(each.endpointId)) continue // several containers live in one network namespace
      counted.set(each.endpointId, each)
      this.#add(each, this.#counted.get(each.endpointId))
    }
    this.#counted = counted
    for (const id of this.#totals.keys()) if (!present.has(id)) this.#totals.delete(id)
  }

  /** `wharf_network_…`. @param labelsOf  of a network, by its id */
  read(labelsOf: (networkId: string) => Labels): Family[] {
    return kinds.map(([kind, name, help]) => ({
      name: `wharf_network_${name}`,
      help,
      type: 'counter',
      samples: Array.from(this.#totals, ([id, totals]) => ({ labels: labelsOf(id), value: totals[kind] })),
    }))
  }

  #add(now: InterfaceTraffic, before: InterfaceTraffic | undefined): void {
    const none = { receivedBytes: 0, receivedPackets: 0, sentBytes: 0, sentPackets: 0 }
    const totals = this.#totals.getOrInsertComputed(now.networkId, () => ({ ...none }))
    for (const [kind] of kinds) {
      const known = before?.[kind] ?? 0
      // An interface that was made again begins with nothing.
      totals[kind] += now[kind] >= known ? now[kind] - known : now[kind]
    }
  }
}
