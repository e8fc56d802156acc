import type { PortRange } from '../../base/port-specs.ts'
import type { PortWish } from '../../network/networking.ts'
import type { HostConfig, PortBinding } from '../../protocol/container.ts'
import type { ContainerRecord } from '../model.ts'
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

/** The bindings that come to these wishes: `portWishes`, backwards. Pure. */
export function bindingsFor(wishes: readonly PortWish[]): PortBindings {
  const byKey = Map.groupBy(wishes, ({ containerPort, protocol }) => `${containerPort}/${protocol}`)
  const bindings = byKey.entries().map(([key, list]) => [key, list.map(bindingFor)] as const)
  return Object.fromEntries(bindings)
}

function bindingFor({ hostAddress, hostPorts: { from, to } }: PortWish): PortBinding {
  const range = from === to ? `${from}` : `${from}-${to}`
  return { HostIp: hostAddress, HostPort: from === 0 ? '' : range }
}

/** A published port that is meant: `key` is `"80/tcp"`; without `hostPorts` wherever it is published. */
export interface MeantPort {
  readonly key: string
  /** One of these of the host. */
  readonly hostPorts?: PortRange
}

/**
 * A container's bindings without those that are meant. Pure.
 *
 * @returns `missing`: what no binding is for
 */
export function withoutBindings(
  record: ContainerRecord,
  meant: readonly MeantPort[],
): { readonly hostConfig: HostConfig; readonly missing: readonly MeantPort[] } {
  const bindings = new Map(Object.entries(explicitBindings(record)))
  const missing = meant.filter(({ key, hostPorts }) => {
    const list = bindings.get(key)
    const left = list === undefined || hostPorts === undefined ? [] : withoutHostPort(list, hostPorts)
    if (list === undefined || left === undefined) return true
    if (left.length === 0) bindings.delete(key)
    else bindings.set(key, left)
    return false
  })
  const hostConfig = { ...record.hostConfig, PublishAllPorts: false, PortBindings: Object.fromEntries(bindings) }
  return { hostConfig, missing }
}

/** Every binding for exactly these ports; else the first one that one of them may have come from. */
function withoutHostPort(list: readonly PortBinding[], { first, last }: PortRange): PortBinding[] | undefined {
  const rangeOf = ({ HostPort = '' }: PortBinding) => {
    const [from = 0, to = from] = HostPort.split('-').map(Number)
    return { from, to }
  }
  const exact = list.filter((binding) => {
    const { from, to } = rangeOf(binding)
    return from === 0 || from < first || last < to
  })
  if (exact.length < list.length) return exact
  const index = list.findIndex((binding) => {
    const { from, to } = rangeOf(binding)
    return from === 0 || (from <= first && first <= to)
  })
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
