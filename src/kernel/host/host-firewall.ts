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
/** Hooks that a packet passes on its way through the host. */
const hooksOnTheWay = new Set(['prerouting', 'forward', 'postrouting'])

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
  const tables = foreignTables(ruleset, ours)
  return chainsOf(ruleset)
    .filter(({ hook }) => hook !== undefined && hooksOnTheWay.has(hook))
    .flatMap((chain): ForeignDrop[] => {
      const table = tables.find(inTable(chain))
      if (table === undefined) return []
      const place = { ...table, chain: chain.chain }
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
function unconditionalVerdict(
  ruleset: readonly NftObject[],
  { family, table, chain }: Omit<Chain, 'owner'>,
): ForeignDrop['verdict'] | 'accept' | undefined {
  for (const { rule } of ruleset) {
    if (rule?.['family'] !== family || rule['table'] !== table || rule['chain'] !== chain) continue
    const expressions = rule['expr'] as readonly object[]
    const [only, ...more] = expressions.filter((one) => !('counter' in one || 'log' in one))
    if (only === undefined || more.length > 0) continue
    for (const verdict of ['accept', 'drop', 'reject'] as const) if (verdict in only) return verdict
  }
  return undefined
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
