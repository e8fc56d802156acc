import { randomBytes } from 'node:crypto'

/** A new identifier as Docker makes them: 64 lower-case hex digits, never all decimal in its first 12. */
export function createId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    // An id whose short form is a number would be parsed as one by some clients (YAML, spreadsheets).
    if (!/^\d{12}/.test(id)) return id
  }
}

/** The 12-digit form that people see: `shortId("0123456789abcdef…")` is `"0123456789ab"`. */
export function shortId(id: string): string {
  return id.slice(0, 12)
}
