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
  const { name, code: said, reason = '', message = '' } = error as NodeJS.ErrnoException & { reason?: string }
  const code = String(said ?? '') // of what is aborted it is a number
  if (name === 'TimeoutError') return 'it does not answer in time'
  if (untrusted.has(code)) return 'its certificate is of no authority that kv.cacertfile names'
  // OpenSSL's message is a note to itself. What the other end says of our certificate is the reason, an alert.
  const [, alert] = /\balert (.+)$/.exec(reason) ?? []
  if (alert !== undefined) return `it refuses this host’s certificate, kv.certfile: ${alert}`
  if (message === 'socket hang up') return 'it hangs up: does it speak TLS? Then it needs kv.cacertfile'
  if (/before secure TLS connection was established/.test(message)) return 'it speaks no TLS: leave out kv.cacertfile'
  return reason || message || code || String(error)
}
