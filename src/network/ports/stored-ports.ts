import type { SandboxRecord } from '../model.ts'
import type { PortWish } from '../networking.ts'
import { type PortRun, portRuns, portsOfRun } from './port-runs.ts'

/** A sandbox as it is written down: 10 000 ports of one range are one line. */
export interface StoredSandbox extends Omit<SandboxRecord, 'ports' | 'wish'> {
  /** `count` is left out where it is 1. */
  readonly ports: readonly (Omit<PortRun, 'count'> & { readonly count?: number })[]
  readonly wish: Omit<SandboxRecord['wish'], 'ports'> & {
    readonly ports: readonly (PortWish & { readonly count?: number })[]
  }
}

/** Folds a record for the store. Pure. */
export function foldSandbox(record: SandboxRecord): StoredSandbox {
  const ports = portRuns(record.ports).map(({ count, ...run }) => (count === 1 ? run : { ...run, count }))
  return { ...record, ports, wish: { ...record.wish, ports: foldWishes(record.wish.ports) } }
}

/** A record as it was. Wishes keep their order; published ports are in that of their runs. Pure. */
export function unfoldSandbox(stored: StoredSandbox): SandboxRecord {
  const ports = stored.ports.flatMap((run) => portsOfRun({ ...run, count: run.count ?? 1 }))
  return { ...stored, ports, wish: { ...stored.wish, ports: stored.wish.ports.flatMap(unfoldWish) } }
}

function foldWishes(wishes: readonly PortWish[]): StoredSandbox['wish']['ports'] {
  const folded: { first: PortWish; count: number }[] = []
  for (const wish of wishes) {
    const last = folded.at(-1)
    if (last !== undefined && follows(last.first, last.count, wish)) last.count++
    else folded.push({ first: wish, count: 1 })
  }
  return folded.map(({ first, count }) => (count === 1 ? first : { ...first, count }))
}

function follows(first: PortWish, distance: number, wish: PortWish): boolean {
  return (
    wish.containerPort === first.containerPort + distance &&
    wish.protocol === first.protocol &&
    wish.hostAddress === first.hostAddress &&
    wish.hostPorts.from === first.hostPorts.from + (isOpen(first) ? 0 : distance) &&
    wish.hostPorts.to === first.hostPorts.to + (isOpen(first) ? 0 : distance)
  )
}

function unfoldWish({ count = 1, ...first }: StoredSandbox['wish']['ports'][number]): PortWish[] {
  if (count === 1) return [first]
  const { containerPort, hostPorts } = first
  return Array.from({ length: count }, (_, i) => {
    const distance = isOpen(first) ? 0 : i
    return {
      ...first,
      containerPort: containerPort + i,
      hostPorts: { from: hostPorts.from + distance, to: hostPorts.to + distance },
    }
  })
}

/** Any port of the host will do. */
function isOpen({ hostPorts }: PortWish): boolean {
  return hostPorts.from === 0
}
