import type { Family, Labels } from '../../base/meters.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { NetworkRecord } from '../../network/model.ts'
import type { SystemFacts } from '../engine.ts'

/** What the engine is, under Docker's names. */
export function factFamilies(facts: SystemFacts): Family[] {
  const info = {
    architecture: facts.architecture,
    commit: facts.gitCommit,
    daemon_id: facts.id,
    graphdriver: 'overlay2',
    kernel: facts.kernelVersion,
    os: facts.operatingSystem,
    os_type: 'linux',
    os_version: facts.osVersion,
    version: facts.engineVersion,
  }
  const build = { version: facts.engineVersion, node: process.versions.node }
  return [
    gauge('engine_daemon_engine_info', 'The information related to the engine and the OS it is running on', 1, info),
    gauge('engine_daemon_engine_cpus_cpus', 'The number of cpus that the host system of the engine has', facts.cpus),
    gauge(
      'engine_daemon_engine_memory_bytes',
      'The number of bytes of memory that the host system of the engine has',
      facts.memoryBytes,
    ),
    gauge('wharf_build_info', 'What this program is made of', 1, build),
  ]
}

/** How many containers are in which state, as Docker counts them: what waits for its restart runs. */
export function stateFamily(records: readonly ContainerRecord[]): Family {
  const count = (...statuses: string[]) => records.filter(({ state }) => statuses.includes(state.status)).length
  const running = count('running', 'restarting')
  const paused = count('paused')
  const states = { paused, running, stopped: records.length - running - paused }
  return {
    name: 'engine_daemon_container_states_containers',
    help: 'The count of containers in various states',
    type: 'gauge',
    samples: Object.entries(states).map(([state, value]) => ({ labels: { state }, value })),
  }
}

/** How many containers are on each network, and how many host ports are published. */
export function networkFamilies(
  networks: readonly NetworkRecord[],
  labelsOf: (networkId: string) => Labels,
  counts: { readonly endpoints: (networkId: string) => number; readonly ports: number },
): Family[] {
  return [
    {
      name: 'wharf_network_endpoints',
      help: 'Interfaces of containers that are on it',
      type: 'gauge',
      samples: networks.map(({ id }) => ({ labels: labelsOf(id), value: counts.endpoints(id) })),
    },
    gauge('wharf_ports_published', 'Host ports that lead to containers now', counts.ports),
  ]
}

/** What this process takes, under the names that all programs have. @source Prometheus, "Writing client libraries" */
export function processFamilies(): Family[] {
  const { user, system } = process.cpuUsage()
  return [
    {
      name: 'process_cpu_seconds_total',
      help: 'Processor time of the engine',
      type: 'counter',
      samples: [{ labels: {}, value: (user + system) / 1e6 }],
    },
    gauge('process_resident_memory_bytes', 'Memory of the engine', process.memoryUsage.rss()),
    gauge('process_start_time_seconds', 'When the engine was started', Date.now() / 1000 - process.uptime()),
  ]
}

/** One number. */
export function gauge(name: string, help: string, value: number, labels: Labels = {}): Family {
  return { name, help, type: 'gauge', samples: [{ labels, value }] }
}
