import type { PublishedPort } from '../model.ts'

/** Published ports whose numbers count upwards together, outside and inside. */
export interface PortRun extends PublishedPort {
  /** 1 or more: `hostPort` and `containerPort` are those of the first. */
  readonly count: number
}

/**
 * Folds ports into the fewest runs: 10 000 ports of one range are one. The order is that of each run's first port. Pure.
 *
 * Ports without a host port are counted by the container's.
 */
export function portRuns(ports: readonly PublishedPort[]): PortRun[] {
  const groups = new Map<string, PublishedPort[]>()
  for (const port of ports) {
    const { protocol, hostAddress, hostPort, containerPort } = port
    const key = `${protocol} ${hostAddress} ${hostPort === 0 ? 'open' : containerPort - hostPort}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [port])
    else group.push(port)
  }
  return Array.from(groups.values()).flatMap(runsOf)
}

/** Every port of a run. */
export function portsOfRun({ count, ...first }: PortRun): PublishedPort[] {
  const { protocol, hostAddress, hostPort, containerPort } = first
  return Array.from({ length: count }, (_, i) => {
    return { protocol, containerPort: containerPort + i, hostAddress, hostPort: hostPort === 0 ? 0 : hostPort + i }
  })
}

/** @param group ports that differ in their number only */
function runsOf(group: readonly PublishedPort[]): PortRun[] {
  const runs: PortRun[] = []
  let first: PublishedPort | undefined
  let count = 0
  const end = () => {
    if (first !== undefined) runs.push({ ...first, count })
  }
  for (const port of group.toSorted((a, b) => a.containerPort - b.containerPort)) {
    const distance = first === undefined ? undefined : port.containerPort - first.containerPort
    if (distance === count - 1) continue // the same port once more
    if (distance === count) count++
    else {
      end()
      first = port
      count = 1
    }
  }
  end()
  return runs
}
