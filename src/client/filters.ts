/** Filters as the command line has them: `["status=running", "label=a=b"]`. */
export type FilterWords = readonly string[]

/**
 * Writes filters as the API takes them: `{"status":{"running":true}}`; no filters are `undefined`.
 *
 * @source Docker Engine API v1.51, ContainerList (`filters`)
 */
export function filterQuery(words: FilterWords): string | undefined {
  if (words.length === 0) return undefined
  const filters: Record<string, Record<string, true>> = {}
  for (const word of words) {
    const at = word.indexOf('=')
    const name = word.slice(0, at).trim().toLowerCase()
    filters[name] = { ...filters[name], [word.slice(at + 1).trim()]: true }
  }
  return JSON.stringify(filters)
}
