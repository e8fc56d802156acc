import { Durations, type Meter, Tally } from '../base/meters.ts'

/** What the network counts while it works. */
export interface NetworkMeters {
  /** By Docker's words: `allocate`, `release`, `connect`, `disconnect`. */
  readonly actions: Durations
  /** Holding host ports, and letting go of them: by `publish` and `withdraw`. */
  readonly ports: Durations
  /** The ports that were, by the same. */
  readonly portCount: Tally
  /** Looks at what may be damaged: by what (`network`, `firewall`) and what came of it (`repaired`, `sound`, `failed`). */
  readonly reconciles: Durations
}

/** Meters that stand at nothing. */
export function createNetworkMeters(): NetworkMeters {
  return {
    actions: new Durations({
      name: 'engine_daemon_network_actions_seconds',
      help: 'The number of seconds it takes to process each network action',
      labels: ['action'],
    }),
    ports: new Durations({
      name: 'wharf_port_action_seconds',
      help: 'How long it takes to hold or to let go of the published ports of a container',
      labels: ['action'],
    }),
    portCount: new Tally({
      name: 'wharf_port_actions_total',
      help: 'Host ports that were published, or withdrawn',
      labels: ['action'],
    }),
    reconciles: new Durations({
      name: 'wharf_reconcile_seconds',
      help: 'How long it takes to compare a network, or the firewall, with its record and to repair it',
      labels: ['what', 'result'],
    }),
  }
}

/** All of them, to be read. */
export function metersOf({ actions, ports, portCount, reconciles }: NetworkMeters): readonly Meter[] {
  return [actions, ports, portCount, reconciles]
}
