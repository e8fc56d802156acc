import { parseHostResolver } from '../../network/dns/host-resolver.ts'
import { boolean, text } from './kinds.ts'
import { option } from './option.ts'

/** Names of containers for the host's own programs. */
export const hostResolver = {
  hostResolver: option({
    key: 'host-resolver',
    kind: text,
    fallback: '',
    check: (value) => (value === '' || parseHostResolver(value) ? undefined : 'not an address, or ADDRESS:PORT'),
    doc: 'Answer the host’s own programs for names of containers on this address: `127.0.0.77`, `127.0.0.77:5353`, `[::1]:5353`. Empty: nowhere. Docker has no such setting.',
  }),
  hostResolverExposed: option({
    key: 'host-resolver-exposed',
    kind: boolean,
    fallback: false,
    doc: 'Let `host-resolver` be an address that other machines reach: they learn the names and addresses of all containers.',
  }),
} as const
