/** Shortens to `length` characters, the last of which is `…` when something was left out. */
export function ellipsis(text: string, length: number): string {
  const characters = [...text]
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`
}

/** The 12 digits that people see of an id, without the algorithm before them. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}

/** Labels in one line, sorted: `"a=1,b=2"`. */
export function labelLine(labels: Readonly<Record<string, string>> | null | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`)
  return pairs.sort().join(',')
}

/** Sorts as people count: `net2` before `net10`. */
export function naturalCompare(a: string, b: string): number {
  const [left, right] = [chunks(a), chunks(b)]
  for (const [index, part] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    if (part === other) continue
    if (/^\d/.test(part) && /^\d/.test(other) && Number(part) !== Number(other)) return Number(part) - Number(other)
    return part < other ? -1 : 1
  }
  return left.length - right.length
}

function chunks(text: string): readonly string[] {
  return text.match(/\d+|\D+/g) ?? []
}
