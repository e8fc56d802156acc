import type { HostConfig, PortBinding } from '../protocol/container.ts'
import type { ContainerRecord } from './model.ts'
import { portWishes } from './port-wishes.ts'

/** What `HostConfig.PortBindings` holds. */
export type PortBindings = Readonly<Record<string, readonly PortBinding[] | null>>

/**
 * A container's bindings with more of them. Pure.
 *
 * Ports that it has by `PublishAllPorts` become bindings as well, so that each of them can be changed by itself.
 */
export function withBindings(record: ContainerRecord, more: PortBindings): HostConfig {
  const bindings = new Map(Object.entries(explicitBindings(record)))
  for (const [key, list] of Object.entries(more)) {
    const added = list === null || list.length === 0 ? [{}] : list
    bindings.set(normalKey(key), [...(bindings.get(normalKey(key)) ?? []), ...added])
  }
  return { ...record.hostConfig, PublishAllPorts: false, PortBindings: Object.fromEntries(bindings) }
}

/**
 * A container's bindings without those of one port, or without the one that has `hostPort`. Pure.
 *
 * @param key `"80/tcp"`
 * @returns undefined when there is no such binding
 */
export function withoutBindings(record: ContainerRecord, key: string, hostPort?: number): HostConfig | undefined {
  const { [key]: list, ...others } = explicitBindings(record)
  if (list === undefined) return undefined
  const left = hostPort === undefined ? [] : withoutHostPort(list, hostPort)
  if (left === undefined) return undefined
  const bindings = left.length === 0 ? others : { ...others, [key]: left }
  return { ...record.hostConfig, PublishAllPorts: false, PortBindings: bindings }
}

/** Every binding for exactly this port; else the first one that it may have come from. */
function withoutHostPort(list: readonly PortBinding[], hostPort: number): PortBinding[] | undefined {
  const exact = list.filter(({ HostPort }) => HostPort !== String(hostPort))
  if (exact.length < list.length) return exact
  const mayBe = ({ HostPort = '' }: PortBinding) => {
    const [first = 0, last = first] = HostPort.split('-').map(Number)
    return first === 0 || (first <= hostPort && hostPort <= last)
  }
  const index = list.findIndex(mayBe)
  return index < 0 ? undefined : list.toSpliced(index, 1)
}

function explicitBindings({ config, hostConfig }: ContainerRecord): Record<string, readonly PortBinding[]> {
  const bindings: Record<string, readonly PortBinding[]> = {}
  for (const [key, list] of Object.entries(hostConfig.PortBindings ?? {})) {
    bindings[normalKey(key)] = [
      ...(bindings[normalKey(key)] ?? []),
      ...(list === null || list.length === 0 ? [{}] : list),
    ]
  }
  if (hostConfig.PublishAllPorts !== true) return bindings
  for (const { containerPort, protocol } of portWishes(config, hostConfig)) {
    bindings[`${containerPort}/${protocol}`] ??= [{}]
  }
  return bindings
}

/** `"80"` is `"80/tcp"`. */
function normalKey(key: string): string {
  const [port = '', protocol = 'tcp'] = key.split('/')
  return `${Number(port)}/${protocol.toLowerCase()}`
}
