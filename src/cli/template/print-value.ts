/** True unless Go calls it empty: nothing, false, 0, `""`, and a list or map without members. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0
  return Boolean(value)
}

/** A value as Go prints it: `[a b]`, `map[a:1 b:2]`, `<no value>` for what is not there. */
export function printValue(value: unknown): string {
  if (value === undefined) return '<no value>'
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(printMember).join(' ')}]`
  if (typeof value !== 'object') return String(value)
  const pairs = sortedEntries(value).map(([key, member]) => `${key}:${printMember(member)}`)
  return `map[${pairs.join(' ')}]`
}

/** The members of an object in the order Go goes through a map. */
export function sortedEntries(value: object): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

function printMember(value: unknown): string {
  return value === undefined ? '<nil>' : printValue(value)
}
