const units: Readonly<Record<string, number>> = { k: 1e3, m: 1e6, g: 1e9, t: 1e12, p: 1e15 }

/**
 * Reads a size as people write it: `"10m"`, `"1.5 kB"`, `"512"`; units are powers of 1000.
 *
 * @returns bytes
 * @throws {RangeError} in Docker's words
 * @source docker/go-units, FromHumanSize
 */
export function parseHumanSize(text: string): number {
  const end = Math.max(...Array.from('0123456789. ', (character) => text.lastIndexOf(character)))
  if (end < 0) throw new RangeError(`invalid size: '${text}'`)
  const number = text[end] === ' ' ? text.slice(0, end) : text.slice(0, end + 1)
  const suffix = text.slice(end + 1).toLowerCase()
  if (!/^[+-]?(\d+\.?\d*|\.\d+)$/.test(number)) {
    throw new RangeError(`strconv.ParseFloat: parsing ${JSON.stringify(number)}: invalid syntax`)
  }
  if (Number(number) < 0) throw new RangeError(`invalid size: '${text}'`)
  if (suffix === '' || suffix === 'b') return Math.trunc(Number(number))
  const [, unit] = /^([kmgtp])(b|ib)?$/.exec(suffix) ?? []
  if (unit === undefined) throw new RangeError(`invalid suffix: '${suffix}'`)
  return Math.trunc(Number(number) * units[unit]!)
}
