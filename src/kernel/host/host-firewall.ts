import type { NftObject } from '../nftables.ts'

/** Somebody's table, and whose it looks to be. */
export interface ForeignTable {
  readonly family: string
  readonly table: string
  /** Who wrote it, as far as its names tell. */
  readonly owner: FirewallOwner
}

/** Programs that write tables of their own. */
export type FirewallOwner =
  | 'docker'
  | 'ufw'
  | 'firewalld'
  | 'podman'
  | 'libvirt'
  | 'kubernetes'
  | 'iptables'
  | 'unknown'

/** A place where packets between containers and the world are dropped whatever our own table says. */
export interface ForeignDrop extends ForeignTable {
  readonly chain: string
  /** `policy`: what no rule of the chain takes. `rule`: a rule without condition at its end. */
  readonly by: 'policy' | 'rule'
  readonly verdict: 'drop' | 'reject'
}

const ownersByChain: readonly (readonly [RegExp, FirewallOwner])[] = [
  [/^DOCKER/, 'docker'],
  [/^ufw6?-/, 'ufw'],
  [/^NETAVARK|^CNI-|^netavark/i, 'podman'],
  [/^LIBVIRT_/, 'libvirt'],
  [/^KUBE-|^cali-|^CILIUM_/, 'kubernetes'],
]
const ownersByTable: readonly (readonly [RegExp, FirewallOwner])[] = [
  [/^firewalld/, 'firewalld'],
  [/^docker-bridges$/, 'docker'],
  [/^netavark$/, 'podman'],
  [/^libvirt_network$/, 'libvirt'],
  [/^kube-proxy$/, 'kubernetes'],
  [/^(filter|nat|mangle|raw|security)$/, 'iptables'],
]
/** Hooks that a packet passes on its way through the host, and on its way to it. */
const hooksOnTheWay = {
  forwarded: ['prerouting', 'forward', 'postrouting'],
  delivered: ['prerouting', 'input'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Which way a packet takes: through the host, or to it. */
export type PacketWay = keyof typeof hooksOnTheWay

/** A drop, and whether other rules of its chain may let something through before. */
export interface ForeignBarrier extends ForeignDrop {
  readonly hasExceptions: boolean
}

interface Chain extends ForeignTable {
  readonly chain: string
  readonly hook: string | undefined
  readonly policy: string | undefined
}

/**
 * The tables that are not ours.
 *
 * @param ruleset `list ruleset`, from `NftContext.list`
 * @param ours names of our own tables
 */
export function foreignTables(ruleset: readonly NftObject[], ours: ReadonlySet<string>): readonly ForeignTable[] {
  const chains = chainsOf(ruleset)
  return ruleset
    .flatMap(({ table }) => (table ? [{ family: text(table['family']), table: text(table['name']) }] : []))
    .filter(({ table }) => !ours.has(table))
    .map((one) => ({
      ...one,
      owner: ownerOf(
        one.table,
        chains.filter(inTable(one)).map(({ chain }) => chain),
      ),
    }))
}

/** Where tables that are not ours drop what is forwarded. See `foreignTables`. */
export function foreignDrops(ruleset: readonly NftObject[], ours: ReadonlySet<string>): readonly ForeignDrop[] {
  return foreignBarriers(ruleset, ours, 'forwarded').map(({ hasExceptions: _, ...drop }) => drop)
}

/** Where tables that are not ours drop what goes a way. See `foreignTables`. */
export function foreignBarriers(
  ruleset: readonly NftObject[],
  ours: ReadonlySet<string>,
  way: PacketWay,
): readonly ForeignBarrier[] {
  const hooks = new Set<string>(hooksOnTheWay[way])
  const tables = foreignTables(ruleset, ours)
  return chainsOf(ruleset)
    .filter(({ hook }) => hook !== undefined && hooks.has(hook))
    .flatMap((chain): ForeignBarrier[] => {
      const table = tables.find(inTable(chain))
      if (table === undefined) return []
      const verdicts = rulesOf(ruleset, chain).map(verdictOf)
      const hasExceptions = verdicts[0] === undefined && verdicts.length > 0
      const place = { ...table, chain: chain.chain, hasExceptions }
      const verdict = unconditionalVerdict(ruleset, chain)
      if (verdict === 'drop' || verdict === 'reject') return [{ ...place, by: 'rule', verdict }]
      return verdict === undefined && chain.policy === 'drop' ? [{ ...place, by: 'policy', verdict: 'drop' }] : []
    })
}

function chainsOf(ruleset: readonly NftObject[]): Omit<Chain, 'owner'>[] {
  return ruleset.flatMap(({ chain }) =>
    chain
      ? [
          {
            family: text(chain['family']),
            table: text(chain['table']),
            chain: text(chain['name']),
            hook: optional(chain['hook']),
            policy: optional(chain['policy']),
          },
        ]
      : [],
  )
}

/** What the first rule without condition does; undefined when there is none, and the policy decides. */
function unconditionalVerdict(ruleset: readonly NftObject[], chain: Omit<Chain, 'owner'>): Verdict | undefined {
  return rulesOf(ruleset, chain)
    .map(verdictOf)
    .find((verdict) => verdict !== undefined)
}

type Verdict = ForeignDrop['verdict'] | 'accept'

/** The expressions of each rule of a chain. */
function rulesOf(ruleset: readonly NftObject[], { family, table, chain }: Omit<Chain, 'owner'>): (readonly object[])[] {
  return ruleset.flatMap(({ rule }) => {
    const isIn = rule?.['family'] === family && rule['table'] === table && rule['chain'] === chain
    return isIn ? [rule['expr'] as readonly object[]] : []
  })
}

/** What a rule does with every packet; undefined when it has a condition. */
function verdictOf(expressions: readonly object[]): Verdict | undefined {
  const [only, ...more] = expressions.filter((one) => !('counter' in one || 'log' in one))
  if (only === undefined || more.length > 0) return undefined
  return (['accept', 'drop', 'reject'] as const).find((verdict) => verdict in only)
}

function ownerOf(table: string, chains: readonly string[]): FirewallOwner {
  const byChain = ownersByChain.find(([pattern]) => chains.some((chain) => pattern.test(chain)))
  const byTable = ownersByTable.find(([pattern]) => pattern.test(table))
  return byChain?.[1] ?? byTable?.[1] ?? 'unknown'
}

function inTable(one: { readonly family: string; readonly table: string }): (other: typeof one) => boolean {
  return (other) => other.family === one.family && other.table === one.table
}

function text(value: unknown): string {
  return String(value ?? '')
}

function optional(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value)
}
