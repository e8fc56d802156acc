import { parseDuration } from './values.ts'

/**
 * Reads `--since` and `--until` as the API takes them, seconds since 1970: `"42m"` is so long ago; a date or a time
 * without a zone is local; a number is taken as it is.
 *
 * @throws {Error} when it is none of them
 */
export function parseMoment(text: string, nowMs: number): string {
  if (/^\d+(\.\d+)?$/.test(text)) return text
  if (/^[+-]?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return seconds(nowMs - parseDuration(text) / 1e6)
  // JavaScript takes a bare date as UTC; Docker takes it as local.
  const local = /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text
  const ms = Date.parse(local)
  if (Number.isNaN(ms)) throw new Error(`failed to parse value as time or duration: ${JSON.stringify(text)}`)
  const [, fraction = ''] = /\.(\d+)/.exec(text) ?? []
  return `${Math.floor(ms / 1000)}.${fraction.padEnd(9, '0').slice(0, 9)}`
}

function seconds(ms: number): string {
  return `${Math.floor(ms / 1000)}.${String(Math.floor(ms % 1000)).padStart(3, '0')}000000`
}
