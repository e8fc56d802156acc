const second = 1000
const minute = 60 * second
const hour = 60 * minute

/** A duration in words, as Docker's lists have it: `"About a minute"`, `"3 hours"`. @param ms milliseconds */
export function humanDuration(ms: number): string {
  if (ms < second) return 'Less than a second'
  if (ms < 2 * second) return '1 second'
  if (ms < minute) return `${Math.floor(ms / second)} seconds`
  if (ms < 2 * minute) return 'About a minute'
  if (ms < hour) return `${Math.floor(ms / minute)} minutes`
  const hours = Math.round(ms / hour)
  if (hours === 1) return 'About an hour'
  const units: readonly [limit: number, name: string, length: number][] = [
    [48, 'hours', 1],
    [24 * 14, 'days', 24],
    [24 * 60, 'weeks', 24 * 7],
    [24 * 365 * 2, 'months', 24 * 30],
    [Number.POSITIVE_INFINITY, 'years', 24 * 365],
  ]
  const [, name, length] = units.find(([limit]) => hours < limit)!
  return `${Math.floor(hours / length)} ${name}`
}

const decimalUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const
const binaryUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** A size in units of 1000: `"1.23MB"`. @param digits how many digits are kept */
export function humanSize(bytes: number, digits = 4): string {
  return scaled(bytes, 1000, decimalUnits, digits)
}

/** A size in units of 1024: `"1.953GiB"`. */
export function binarySize(bytes: number): string {
  return scaled(bytes, 1024, binaryUnits, 4)
}

function scaled(bytes: number, base: number, units: readonly string[], digits: number): string {
  let value = bytes
  let unit = 0
  for (; value >= base && unit < units.length - 1; unit++) value /= base
  return `${Number(value.toPrecision(digits))}${units[unit]}`
}

/** A moment as Go prints it, in local time: `"2026-11-21 08:21:53 +0000 UTC"`. @param ms milliseconds since 1970 */
export function goTime(ms: number): string {
  const date = new Date(ms)
  const offset = -date.getTimezoneOffset()
  const local = new Date(ms + offset * minute).toISOString()
  const zone = `${offset < 0 ? '-' : '+'}${pad(Math.abs(offset) / 60)}${pad(Math.abs(offset) % 60)}`
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zone} ${offset === 0 ? 'UTC' : zoneName(date, zone)}`
}

/** The time of the day and zone as RFC 3339 has it, in local time: `"2026-11-21T08:21:53Z"`. */
export function localRfc3339(ms: number): string {
  const offset = -new Date(ms).getTimezoneOffset()
  const local = new Date(ms + offset * minute).toISOString().slice(0, 19)
  if (offset === 0) return `${local}Z`
  return `${local}${offset < 0 ? '-' : '+'}${pad(Math.abs(offset) / 60)}:${pad(Math.abs(offset) % 60)}`
}

function zoneName(date: Date, fallback: string): string {
  const parts = new Intl.DateTimeFormat('en-US', { timeZoneName: 'short' }).formatToParts(date)
  const name = parts.find(({ type }) => type === 'timeZoneName')?.value ?? ''
  return /^[A-Z]+$/.test(name) ? name : fallback
}

function pad(number: number): string {
  return String(Math.floor(number)).padStart(2, '0')
}
