/**
 * Bytes written as hexadecimal, one field of a C structure to a line; what follows `#` is a comment.
 *
 * @example
 * hex`
 *   02 10 80 00   # family, prefix length, flags, scope
 * `
 */
export function hex(strings: TemplateStringsArray): Uint8Array {
  const digits = strings.join('').replaceAll(/#.*$/gm, '').replaceAll(/\s/g, '')
  return Uint8Array.from(Buffer.from(digits, 'hex'))
}
