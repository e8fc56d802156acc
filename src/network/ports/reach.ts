import type { Family } from '../ipam/prefix.ts'
import type { PublishedPort } from '../model.ts'
import { anyAddress } from './any-address.ts'
import { hasHostPort, isOnLoopback, type PublishTarget, socketText } from './port-plan.ts'
import { type PortRun, portRuns } from './port-runs.ts'

/** Somebody's rules that drop whatever no rule lets through. */
export interface Barrier {
  /** `"table ip filter (ufw)"` */
  readonly where: string
  /** Rules may let some of it through: from here nobody can say. */
  readonly hasExceptions: boolean
}

/** What a host does, as far as it decides from where its published ports are reached. */
export interface ReachFacts {
  /** Addresses by which other machines may know this host: no loopback, no link-local ones, none of our bridges. */
  readonly hostAddresses: readonly string[]
  readonly forwarding: Readonly<Record<Family, boolean>>
  /** Others' rules that drop what is forwarded to containers. */
  readonly forwardDrop: Readonly<Partial<Record<Family, Barrier>>>
  /** Others' rules that drop what is delivered to this host. */
  readonly inputDrop: Readonly<Partial<Record<Family, Barrier>>>
  /** The setting `published-ports-obey-input`. */
  readonly obeyInput: boolean
}

/** From where ports are reached, and why not from elsewhere. */
export interface PortReach extends PortRun {
  /** From this host itself. */
  readonly host: boolean
  /** From containers on other networks than internal ones. */
  readonly containers: boolean
  /** Where other machines find the first port: `"192.0.2.1:8080"`. */
  readonly outside: readonly string[]
  /** What narrows it down; empty: nothing does. */
  readonly why: string
}

/** Says of published ports from where they are reached, ranges as one. Pure. */
export function planReach(
  ports: readonly PublishedPort[],
  target: PublishTarget | undefined,
  facts: ReachFacts,
): PortReach[] {
  return portRuns(ports).map((run) => {
    if (target === undefined) {
      return { ...run, host: false, containers: false, outside: [], why: 'none of its networks leads outside' }
    }
    if (!hasHostPort(run)) return { ...run, ...reachOfOpen(run, target, facts) }
    return { ...run, ...reachOfHeld(run, target, facts) }
  })
}

type Reach = Omit<PortReach, keyof PortRun>

/** What is in the way: `certain` stops everything, the other something that only its rules know. */
interface Hindrance {
  readonly certain: boolean
  readonly why: string
}

/** A port without NAT: the container's own address is forwarded to. */
function reachOfOpen(run: PortRun, target: PublishTarget, facts: ReachFacts): Reach {
  const family = familyOf(run.hostAddress)
  const address = target[family] ?? ''
  const hindrance = forwardHindrance(family, facts)
  if (hindrance?.certain) return { host: true, containers: false, outside: [], why: hindrance.why }
  const why = [`without NAT: by whoever has a route to ${address}`, ...(hindrance ? [hindrance.why] : [])].join(', ')
  return { host: true, containers: true, outside: [socketText(address, run.containerPort)], why }
}

function reachOfHeld(run: PortRun, target: PublishTarget, facts: ReachFacts): Reach {
  const { hostAddress, hostPort } = run
  const family = familyOf(hostAddress)
  if (isOnLoopback(run) || hostAddress === '::1') {
    return { host: true, containers: false, outside: [], why: `published on ${hostAddress}` }
  }
  const isCarried = target[family] === undefined
  const inside = isCarried ? inputHindrance(family, facts) : forwardHindrance(family, facts)
  const barrier = outsideHindrance(run, isCarried, facts)
  const addresses = outsideAddresses(hostAddress, facts)
  const why = [
    ...(addresses.length === 0 ? [noAddress(hostAddress)] : barrier ? [barrier.why] : []),
    ...(inside ? [inside.why] : []),
  ]
  return {
    host: true,
    containers: !inside?.certain,
    outside: barrier?.certain ? [] : addresses.map((address) => socketText(address, hostPort)),
    why: [...new Set(why)].join(', '),
  }
}

/** What keeps other machines from a port of the host. */
function outsideHindrance(
  { protocol, hostAddress }: PortRun,
  isCarried: boolean,
  facts: ReachFacts,
): Hindrance | undefined {
  const family = familyOf(hostAddress)
  if (!isCarried && !facts.obeyInput) return forwardHindrance(family, facts)
  if (protocol === 'sctp') return { certain: true, why: 'the proxy that would carry it knows no SCTP' }
  const input = inputHindrance(family, facts)
  const obeys = facts.obeyInput
    ? { certain: false, why: 'as far as INPUT rules of this host let it through' }
    : undefined
  return input ?? obeys
}

function forwardHindrance(family: Family, { forwarding, forwardDrop }: ReachFacts): Hindrance | undefined {
  if (!forwarding[family]) {
    return { certain: true, why: `this host does not forward ${family === 'ipv4' ? 'IPv4' : 'IPv6'}` }
  }
  return hindranceOf(forwardDrop[family], 'forwarded')
}

function inputHindrance(family: Family, { inputDrop }: ReachFacts): Hindrance | undefined {
  return hindranceOf(inputDrop[family], 'delivered to this host')
}

function hindranceOf(barrier: Barrier | undefined, what: string): Hindrance | undefined {
  if (barrier === undefined) return undefined
  const { where, hasExceptions } = barrier
  const why = hasExceptions ? `as far as ${where} lets it through` : `${where} drops what is ${what}`
  return { certain: !hasExceptions, why }
}

function outsideAddresses(hostAddress: string, { hostAddresses }: ReachFacts): readonly string[] {
  const isAny = hostAddress === anyAddress.ipv4 || hostAddress === anyAddress.ipv6
  return hostAddresses.filter((address) =>
    isAny ? familyOf(address) === familyOf(hostAddress) : address === hostAddress,
  )
}

function noAddress(hostAddress: string): string {
  if (hostAddress === anyAddress.ipv4) return 'this host has no address of IPv4 that others know'
  if (hostAddress === anyAddress.ipv6) return 'this host has no address of IPv6 that others know'
  return `${hostAddress} is an address for containers`
}

function familyOf(address: string): Family {
  return address.includes(':') ? 'ipv6' : 'ipv4'
}
