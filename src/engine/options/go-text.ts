/** A value as Docker prints it in its messages: `[a b]` for lists, `map[a:1]` for objects. @source Go's `%v` */
export function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `map[${pairs.map(([key, one]) => `${key}:${goText(one)}`).join(' ')}]`
}
