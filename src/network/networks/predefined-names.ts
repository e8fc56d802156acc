/** The network of containers that name none: no names are answered on it, and no addresses chosen by hand. */
export const defaultNetwork = 'bridge'

const predefined: ReadonlySet<string> = new Set([defaultNetwork, 'host', 'none'])

/** True for `bridge`, `host` and `none`: always there, never made or removed by anybody. */
export function isPredefined(name: string): boolean {
  return predefined.has(name)
}

/** True for names that nobody can give to a network: the predefined ones, and `default`, which stands for one of them. */
export function isReserved(name: string): boolean {
  return isPredefined(name) || name === 'default'
}
