/** Codes of OpenSSL by which it says that it does not take the certificate at the other end. */
const untrusted: ReadonlySet<string> = new Set([
  'CERT_UNTRUSTED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** Why a member could not be spoken to, in words for whoever set it up. Pure. */
export function whyNot(error: unknown): string {
  const { name, code: said, message = '' } = error as NodeJS.ErrnoException
  const code = String(said ?? '') // of what is aborted it is a number
  if (name === 'TimeoutError') return 'it does not answer in time'
  if (untrusted.has(code)) return 'its certificate is of no authority that kv.cacertfile names'
  // What the other end says of our certificate comes as an alert, in OpenSSL's own notes: their end tells which.
  const [, alert] = /alert ([a-z ]+?)(?::|$)/m.exec(code.startsWith('ERR_SSL') ? message : '') ?? []
  if (alert !== undefined) return `it refuses this host’s certificate, kv.certfile: ${alert.trim()}`
  if (message === 'socket hang up') return 'it hangs up: does it speak TLS? Then it needs kv.cacertfile'
  if (/before secure TLS connection was established/.test(message)) return 'it speaks no TLS: leave out kv.cacertfile'
  return message || code || String(error)
}
