import { nftString, nftText } from '../../kernel/nftables.ts'
import type { SetMember } from '../../wire/netlink/nft-element.ts'
import { type Element, type ElementSet, elementSets } from './elements.ts'

/** The table that is ours alone; no other is ever touched. */
export const tableName = 'wharf'

/** The administrator's own rules; it is made when missing and never emptied. */
export const administratorsChain = 'wharf-user'

/** Bytes; the kernel keeps a few more. */
const longestComment = 120

/** What the skeleton depends on; it changes with the engine's settings only, never with a container. */
export interface RulesetOptions {
  /** True: what comes from the host for 127.0.0.1 is left to the userland proxy. */
  readonly proxyLoopback: boolean
  /** True: published ports that are reached from outside are left to the userland proxy, behind the host's own rules. */
  readonly obeyInput?: boolean
  /** Packets with this mark, `"1"` or `"0x100/0xff00"`, reach every port. Empty: none. */
  readonly acceptMark?: string
  /** Families that are let through as if there were no rules: theirs are somebody else's. */
  readonly unmanaged?: readonly ('ipv4' | 'ipv6')[]
}

interface Chain {
  readonly name: string
  /** Where the kernel calls it; none for a chain that others jump to. */
  readonly hook?: string
  readonly rules: readonly string[]
}

/**
 * Every chain and rule, without any member of a set. Pure.
 *
 * Chains are emptied and filled again, never deleted; `wharf-user` is made when missing and never emptied: it is the
 * administrator's.
 */
export function renderSkeleton(options: RulesetOptions): string {
  const filled = chains(options)
  return [
    `add table inet ${tableName}`,
    ...Object.entries(elementSets).map(([name, set]) => renderSet(name, set)),
    `add chain inet ${tableName} ${administratorsChain}`,
    ...filled.map(({ name, hook }) => `add chain inet ${tableName} ${name}${hook ? ` { ${hook} }` : ''}`),
    ...filled.map(({ name }) => `flush chain inet ${tableName} ${name}`),
    ...filled.flatMap(({ name, rules }) => rules.map((rule) => `add rule inet ${tableName} ${name} ${rule}`)),
    '',
  ].join('\n')
}

/** Empties every set and fills it with `elements`. Pure. */
export function renderAllElements(elements: Iterable<Element>): string {
  const flushes = Object.entries(elementSets).map(
    ([name, { type }]) => `flush ${kindOf(type)} inet ${tableName} ${name}\n`,
  )
  return flushes.join('') + renderAdditions(elements)
}

/** The lines that put elements into their sets. */
function renderAdditions(elements: Iterable<Element>): string {
  const bySet = Map.groupBy(elements, ({ set }) => set)
  return Array.from(bySet, ([set, members]) => {
    return `add element inet ${tableName} ${set} { ${members.map(memberText).join(', ')} }\n`
  }).join('')
}

function memberText(element: Element): string {
  const { key, data, comment } = memberOf(element)
  return `${key}${comment === undefined ? '' : ` comment ${nftString(comment)}`}${data === undefined ? '' : ` : ${data}`}`
}

/** An element without its set, its comment such as the kernel keeps. */
export function memberOf({ key, data, comment }: Element): SetMember {
  return { key, data, comment: comment === undefined ? undefined : nftText(comment, longestComment) }
}

function renderSet(name: string, { type, interval }: { type: string; interval?: boolean }): string {
  return `add ${kindOf(type)} inet ${tableName} ${name} { type ${type};${interval ? ' flags interval;' : ''} }`
}

function kindOf(type: string): 'map' | 'set' {
  return type.includes(':') ? 'map' : 'set'
}

/** A reference to a set in a rule; a name that does not exist does not compile. */
function at(set: ElementSet): string {
  return `@${set}`
}

function chains(options: RulesetOptions): readonly Chain[] {
  const all = [
    rawPrerouting(options),
    publishedPorts(),
    natPrerouting(options),
    natOutput(options),
    natPostrouting(),
    filterForward(options),
  ]
  return all.map((chain) => (chain.hook === undefined ? chain : letThrough(chain, options)))
}

function letThrough(chain: Chain, { unmanaged = [] }: RulesetOptions): Chain {
  const rules = unmanaged.map((family) => `meta nfproto ${family} accept comment "the settings leave ${family} alone"`)
  return { ...chain, rules: [...rules, ...chain.rules] }
}

function rawPrerouting({ acceptMark = '' }: RulesetOptions): Chain {
  const outside = `iifname != "lo" iifname != ${at('bridges')}`
  const directAccess = [
    `${outside} ip daddr ${at('protected4')} fib daddr type != local drop comment "direct access: containers are reached by published ports only"`,
    `${outside} ip6 daddr ${at('protected6')} fib daddr type != local drop comment "direct access: containers are reached by published ports only"`,
  ]
  return {
    name: 'raw-prerouting',
    hook: 'type filter hook prerouting priority raw; policy accept;',
    rules: [
      `iifname ${at('bridges')} ip daddr 127.0.0.0/8 drop comment "a container must not reach the host's loopback"`,
      `iifname ${at('bridges')} ip saddr 127.0.0.0/8 drop comment "a container must not speak as the host's loopback"`,
      `iifname != "lo" meta l4proto . ip daddr . th dport ${at('loopback4')} drop comment "published for this host alone"`,
      `iifname . ip daddr ${at('trusted4')} accept comment "a trusted interface may try; unpublished ports stay closed"`,
      `iifname . ip6 daddr ${at('trusted6')} accept comment "a trusted interface may try; unpublished ports stay closed"`,
      `${outside} ${spanning()} accept comment "from another host of the same network"`,
      // Marks are given later than here; what is not let through by its mark is dropped where it is forwarded.
      ...(acceptMark === '' ? directAccess : []),
    ],
  }
}

/**
 * Between hosts of one network, which plain routes join: both addresses are of it, and the way back to the sender is by
 * the interface that the packet came in by, so that nobody else says to be one of them.
 */
function spanning(): string {
  return `ip saddr . ip daddr ${at('spans4')} fib saddr . iif oif exists`
}

function publishedPorts(): Chain {
  return {
    name: 'published-ports',
    rules: [
      `dnat ip to meta l4proto . ip daddr . th dport map ${at('published4')} comment "published on this host address"`,
      `dnat ip to meta l4proto . th dport map ${at('published4_any')} comment "published on every host address"`,
      `dnat ip6 to meta l4proto . ip6 daddr . th dport map ${at('published6')} comment "published on this host address"`,
      `dnat ip6 to meta l4proto . th dport map ${at('published6_any')} comment "published on every host address"`,
      `dnat ip to meta l4proto . ip daddr . th dport map ${at('published4_range')} comment "in a published range; the port stays"`,
      `dnat ip6 to meta l4proto . ip6 daddr . th dport map ${at('published6_range')} comment "in a published range; the port stays"`,
    ],
  }
}

function natPrerouting({ obeyInput = false }: RulesetOptions): Chain {
  return {
    name: 'nat-prerouting',
    hook: 'type nat hook prerouting priority dstnat; policy accept;',
    rules: [
      `iifname ${at('internal')} accept comment "an internal network reaches no published port"`,
      ...(obeyInput
        ? [
            `iifname != ${at('bridges')} accept comment "from outside: the host's own INPUT rules decide, the proxy carries"`,
          ]
        : []),
      'fib daddr type local jump published-ports comment "for one of the host\'s addresses"',
    ],
  }
}

function natOutput({ proxyLoopback }: RulesetOptions): Chain {
  return {
    name: 'nat-output',
    hook: 'type nat hook output priority -100; policy accept;',
    rules: [
      ...(proxyLoopback ? ['ip daddr 127.0.0.0/8 accept comment "loopback is the userland proxy\'s"'] : []),
      // There is no route_localnet for IPv6: [::1] is always carried by the proxy.
      'ip6 daddr ::1 accept comment "loopback is the userland proxy\'s"',
      'fib daddr type local jump published-ports comment "from the host to one of its own addresses"',
    ],
  }
}

function natPostrouting(): Chain {
  const sameNetwork = `iifname . oifname ${at('same_network')}`
  // Where a packet came in is not known here when it crosses a bridge under br_netfilter: it has not left its network.
  const crossing = `iifname != ${at('bridges')} oifname ${at('bridges')}`
  const leaving = `iifname ${at('bridges')}`
  return {
    name: 'nat-postrouting',
    hook: 'type nat hook postrouting priority srcnat; policy accept;',
    rules: [
      `${sameNetwork} ct status dnat masquerade comment "hairpin: a published port of the container's own network"`,
      `${crossing} ip saddr ${at('own4')} ct status dnat masquerade comment "hairpin across the bridge: br_netfilter"`,
      `${crossing} ip6 saddr ${at('own6')} ct status dnat masquerade comment "hairpin across the bridge: br_netfilter"`,
      `${sameNetwork} accept comment "inside one network addresses stay"`,
      `ip saddr . ip daddr ${at('spans4')} accept comment "between the hosts of one network addresses stay"`,
      `oifname ${at('bridges')} ip saddr 127.0.0.0/8 masquerade comment "published port reached from the host's loopback"`,
      `${leaving} ip saddr ${at('masquerade4')} masquerade comment "out under the host's address"`,
      `${leaving} ip6 saddr ${at('masquerade6')} masquerade comment "out under the host's address"`,
      `${leaving} snat ip to ip saddr map ${at('source4')} comment "out under the address that the network names"`,
      `${leaving} snat ip6 to ip6 saddr map ${at('source6')} comment "out under the address that the network names"`,
    ],
  }
}

/** `"0x100/0xff00"` as nft says it. */
function hasMark(text: string): string {
  const [mark, mask] = text.split('/')
  return mask === undefined ? `meta mark ${mark}` : `meta mark and ${mask} == ${mark}`
}

function filterForward({ acceptMark = '' }: RulesetOptions): Chain {
  const sameNetwork = `iifname . oifname ${at('same_network')}`
  const entering = `oifname ${at('bridges')}`
  return {
    name: 'filter-forward',
    hook: 'type filter hook forward priority filter; policy accept;',
    rules: [
      `jump ${administratorsChain} comment "the administrator's own rules come first"`,
      'ct state established,related accept comment "belongs to a connection that was let through"',
      `${sameNetwork} ip saddr . ip daddr . meta l4proto . th dport ${at('links4')} accept comment "a link, to an exposed port"`,
      `${sameNetwork} iifname ${at('icc_off')} drop comment "inter-container communication is off"`,
      `${sameNetwork} accept comment "inside one network"`,
      `${spanning()} accept comment "between the hosts of one network"`,
      `iifname ${at('internal')} drop comment "from an internal network to elsewhere"`,
      `oifname ${at('internal')} drop comment "from elsewhere to an internal network"`,
      'ct status dnat accept comment "published port"',
      `${entering} meta l4proto . ip daddr . th dport ${at('open4')} accept comment "published port, at the container's own address"`,
      `${entering} meta l4proto . ip6 daddr . th dport ${at('open6')} accept comment "published port, at the container's own address"`,
      `${entering} meta l4proto . ip daddr . th dport ${at('open4_range')} accept comment "in a published range, at the container's own address"`,
      `${entering} meta l4proto . ip6 daddr . th dport ${at('open6_range')} accept comment "in a published range, at the container's own address"`,
      ...(acceptMark === '' ? [] : [`${entering} ${hasMark(acceptMark)} accept comment "marked as let through"`]),
      `${entering} ip daddr ${at('unprotected4')} accept comment "open to whoever has a route"`,
      `${entering} ip6 daddr ${at('unprotected6')} accept comment "open to whoever has a route"`,
      `${entering} ip daddr ${at('routed4')} meta l4proto icmp accept comment "a routed network answers ping"`,
      `${entering} ip6 daddr ${at('routed6')} meta l4proto ipv6-icmp accept comment "a routed network answers ping"`,
      `iifname ${at('bridges')} oifname ${at('bridges')} drop comment "networks are isolated from each other"`,
      `oifname ${at('bridges')} drop comment "port is not published"`,
    ],
  }
}
