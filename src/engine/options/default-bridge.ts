import { address, between, prefix } from './checks.ts'
import { boolean, integer, text } from './kinds.ts'
import { option } from './option.ts'

/** The network that containers are on when they name none. */
export const defaultBridge = {
  bridge: option({
    key: 'bridge',
    short: 'b',
    kind: text,
    fallback: '',
    doc: 'Bridge of the host to use for the default network, made by yourself beforehand; `none`: no default network.',
  }),
  bip: option({
    key: 'bip',
    kind: text,
    fallback: '',
    check: prefix(4),
    doc: 'IPv4 address and length of the default bridge: `172.17.0.1/16`. Empty: chosen from the pools.',
  }),
  bip6: option({
    key: 'bip6',
    kind: text,
    fallback: '',
    check: prefix(6),
    doc: 'IPv6 address and length of the default bridge: `fd00:17::1/64`.',
  }),
  fixedCidr: option({
    key: 'fixed-cidr',
    kind: text,
    fallback: '',
    check: prefix(4),
    doc: 'Part of the default bridge’s IPv4 subnet that containers get their addresses from.',
  }),
  fixedCidrV6: option({
    key: 'fixed-cidr-v6',
    kind: text,
    fallback: '',
    check: prefix(6),
    doc: 'IPv6 subnet of the default bridge, or part of the one of `bip6` that containers get their addresses from.',
  }),
  defaultGateway: option({
    key: 'default-gateway',
    kind: text,
    fallback: '',
    check: address(4),
    doc: 'IPv4 address of the containers’ way out on the default bridge; empty: the bridge itself.',
  }),
  defaultGatewayV6: option({
    key: 'default-gateway-v6',
    kind: text,
    fallback: '',
    check: address(6),
    doc: 'IPv6 address of the containers’ way out on the default bridge; empty: the bridge itself.',
  }),
  icc: option({
    key: 'icc',
    kind: boolean,
    fallback: true,
    doc: 'Containers on the default bridge may talk to each other.',
  }),
  hostAddress: option({
    key: 'ip',
    kind: text,
    fallback: '0.0.0.0',
    check: address(),
    doc: 'Host address of published ports on the default bridge that name none.',
  }),
  ipMasq: option({
    key: 'ip-masq',
    kind: boolean,
    fallback: true,
    doc: 'What leaves the default bridge has the host’s address.',
  }),
  ipv6: option({
    key: 'ipv6',
    kind: boolean,
    fallback: false,
    doc: 'Give the default bridge an IPv6 subnet: of `bip6` or `fixed-cidr-v6`, else a unique local one.',
  }),
  mtu: option({
    key: 'mtu',
    kind: integer,
    fallback: 0,
    check: (value) => (value === 0 ? undefined : between(68, 65_535)(value)),
    doc: 'Largest packet of the default bridge, in bytes: 68 to 65535. `0`: what the interface of the host’s default route has, followed when it changes, at most 1500; Docker’s default is `1500`.',
  }),
} as const
