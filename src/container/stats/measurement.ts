import type { CgroupCounters } from '../../kernel/cgroups/counters.ts'
import type { InterfaceTraffic } from '../../network/sandbox/traffic.ts'

/** What a container had used at one moment. */
export interface Measurement {
  readonly containerId: string
  /** Without the leading slash. */
  readonly containerName: string
  /** When the container was started: what is of another run is no "before". */
  readonly startedAt: string
  /** RFC 3339 with nanoseconds. */
  readonly time: string
  /** Nanoseconds that all processors of the machine have run or idled, and how many they are. */
  readonly systemTime: number
  readonly processors: number
  readonly used: CgroupCounters
  /** The container's interfaces: of another one, whose network it shares; none for the host's network. */
  readonly traffic: readonly InterfaceTraffic[]
}

/** What a client is told of a container. */
export interface ContainerStats {
  readonly containerId: string
  readonly containerName: string
  /** Missing: it does not run. */
  readonly now?: Measurement
  /** The one before, of the same run, some time between half a second and one and a half ago. */
  readonly before?: Measurement
}
