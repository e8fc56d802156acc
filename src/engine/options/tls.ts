import { maybeBoolean, text } from './kinds.ts'
import { option } from './option.ts'

/** Who may reach the API over TCP. Whoever may is root on this host. */
export const tls = {
  tls: option<boolean | undefined>({
    key: 'tls',
    kind: maybeBoolean,
    fallback: undefined,
    doc: 'TLS on TCP. `false`, said aloud, is plain TCP for everybody; with neither this nor `tlsverify`, TCP is refused.',
  }),
  tlsVerify: option<boolean | undefined>({
    key: 'tlsverify',
    kind: maybeBoolean,
    fallback: undefined,
    doc: 'TLS on TCP, for clients with a certificate of `tlscacert` only. `false`, said aloud, lets everybody in.',
  }),
  tlsCaCert: option({
    key: 'tlscacert',
    kind: text,
    fallback: '/etc/wharf/ca.pem',
    reloadable: true,
    doc: 'File with the certificates that those of clients must be signed by. SIGHUP reads it again.',
  }),
  tlsCert: option({
    key: 'tlscert',
    kind: text,
    fallback: '/etc/wharf/cert.pem',
    reloadable: true,
    doc: 'File with the certificate of the engine, and those between it and its authority. SIGHUP reads it again.',
  }),
  tlsKey: option({
    key: 'tlskey',
    kind: text,
    fallback: '/etc/wharf/key.pem',
    reloadable: true,
    doc: 'File with the private key of that certificate. SIGHUP reads it again.',
  }),
} as const
