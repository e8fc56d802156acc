import type { Binding, Bound, Model } from './model.ts'
import { containersOf } from './model.ts'
import { type Refusal, refusal } from './operation.ts'

/** A TCP port of the host that a program of the host has. */
export const heldPort = 8003

/** Why these bindings cannot all be had beside those that there are; empty: they can. */
export function portRefusals(name: string, bindings: readonly Binding[], others: readonly Bound[]): Refusal[] {
  const placed: Bound[] = [...others]
  const where = `driver failed programming external connectivity on endpoint ${name} \\([0-9a-f]{64}\\): `
  for (const binding of inOrder(bindings)) {
    const choice = choices(binding).find((port) => isFree(binding, port, placed))
    if (choice === undefined) return [refusal(500, new RegExp(`${where}${complaint(binding)}$`))]
    placed.push(...boundTo(binding, choice))
  }
  return []
}

/** The published ports of everybody but one. */
export function boundOfOthers(model: Model, name: string): Bound[] {
  return containersOf(model).flatMap((container) => (container.name === name ? [] : (container.sandbox?.bound ?? [])))
}

/** The addresses that a binding is bound to: without one, every address of both families. */
export function boundTo({ port, ip }: Binding, host: number): Bound[] {
  return (ip === '' ? ['0.0.0.0', '::'] : [ip]).map((address) => ({ port, ip: address, host }))
}

/** The host ports that will do; one that is left to the engine is 0. */
export function choices({ host }: Binding): number[] {
  const [first, last = first] = host.split('-').map(Number)
  return Array.from({ length: last! - first! + 1 }, (_, i) => first! + i)
}

/** Those that leave no choice come first: else a range could take what another needs. */
export function inOrder(bindings: readonly Binding[]): Binding[] {
  const freedom = (binding: Binding) => (binding.host === '' ? Number.POSITIVE_INFINITY : choices(binding).length)
  return bindings.toSorted((a, b) => Math.sign(freedom(a) - freedom(b)) || 0)
}

function isFree({ port, ip }: Binding, host: number, bound: readonly Bound[]): boolean {
  if (host === 0) return true
  if (host === heldPort && port.endsWith('/tcp')) return false
  const protocol = port.split('/')[1]
  return bound.every((other) => {
    const isSamePort = other.host === host && other.port.endsWith(`/${protocol}`)
    return !isSamePort || (ip !== '' && other.ip !== ip && other.ip !== '0.0.0.0')
  })
}

function complaint(binding: Binding): string {
  const [first, ...rest] = choices(binding)
  if (rest.length > 0) return 'all ports are allocated'
  if (first === heldPort) return `failed to bind host port \\S+:${first}/tcp: address already in use`
  return `Bind for \\S+:${first} failed: port is already allocated`
}
