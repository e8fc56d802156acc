/** The present moment as Docker prints it: RFC 3339 in UTC with nanoseconds. */
export function rfc3339Now(): string {
  return Temporal.Now.instant().toString({ fractionalSecondDigits: 9 })
}

/** How Docker writes "never". */
export const never = '0001-01-01T00:00:00Z'

/** Milliseconds since 1970 of an RFC 3339 time; 0 for `never`. */
export function millisecondsOf(time: string): number {
  return time === never ? 0 : Temporal.Instant.from(time).epochMilliseconds
}

/**
 * Milliseconds since 1970 of an RFC 3339 time, with as much of its fraction as a number holds: equal times stay equal, and
 * those that are a microsecond apart stay apart.
 */
export function preciseMillisecondsOf(time: string): number {
  return Number(Temporal.Instant.from(time).epochNanoseconds) / 1e6
}
