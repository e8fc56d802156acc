import { addresses, between, firewallMark, usablePools } from './checks.ts'
import { boolean, integer, list, networkOptions, pools, text } from './kinds.ts'
import { option } from './option.ts'

/** All networks: forwarding, the firewall, address pools, names. */
export const networking = {
  ipForward: option({
    key: 'ip-forward',
    kind: boolean,
    fallback: true,
    doc: 'Switch forwarding of the host on (`net.ipv4.ip_forward`, `net.ipv6.conf.all.forwarding`) when a network needs it.',
  }),
  ipForwardNoDrop: option({
    key: 'ip-forward-no-drop',
    kind: boolean,
    fallback: false,
    doc: 'Docker’s filter policy is not set when forwarding is switched on. Wharf never sets it: this changes nothing.',
  }),
  iptables: option({
    key: 'iptables',
    kind: boolean,
    fallback: true,
    doc: 'Write firewall rules for IPv4. Without them published ports are carried by the proxy.',
  }),
  ip6tables: option({
    key: 'ip6tables',
    kind: boolean,
    fallback: true,
    doc: 'Write firewall rules for IPv6.',
  }),
  userlandProxy: option({
    key: 'userland-proxy',
    kind: boolean,
    fallback: false,
    doc: 'Carry published ports by a proxy as well. Docker’s default is `true`; here the firewall leads `127.0.0.1` too, and what it cannot lead is always carried by the proxy.',
  }),
  publishedPortsObeyInput: option({
    key: 'published-ports-obey-input',
    kind: boolean,
    fallback: false,
    doc: 'Let the INPUT rules of the host decide who reaches published ports from outside (ufw, firewalld, your own). The proxy carries what they let through: containers see its address instead of the client’s. Wharf’s own.',
  }),
  allowDirectRouting: option({
    key: 'allow-direct-routing',
    kind: boolean,
    fallback: false,
    doc: 'Let other machines reach published ports at the containers’ own addresses too, on every bridge network.',
  }),
  bridgeAcceptFwmark: option({
    key: 'bridge-accept-fwmark',
    kind: text,
    fallback: '',
    check: firewallMark,
    doc: 'Let packets with this firewall mark reach every port of containers on bridge networks: `1`, `0x100/0xff00`. Empty: none.',
  }),
  defaultAddressPools: option({
    key: 'default-address-pools',
    flag: 'default-address-pool',
    kind: pools,
    fallback: [],
    check: usablePools,
    doc: 'Where subnets are taken from: `[{"base": "10.10.0.0/16", "size": 24}]`, `base=10.10.0.0/16,size=24`.',
  }),
  defaultNetworkOptions: option({
    key: 'default-network-opts',
    flag: 'default-network-opt',
    kind: networkOptions,
    fallback: {},
    doc: 'Options of new networks that do not say, by driver: `{"bridge": {"com.docker.network.driver.mtu": "1400"}}`.',
  }),
  dns: option({
    key: 'dns',
    kind: list,
    fallback: [],
    check: addresses,
    reloadable: true,
    doc: 'DNS servers of containers that name none.',
  }),
  dnsOptions: option({
    key: 'dns-opts',
    flag: 'dns-opt',
    kind: list,
    fallback: [],
    reloadable: true,
    doc: 'Resolver options of containers that name none.',
  }),
  dnsSearch: option({
    key: 'dns-search',
    kind: list,
    fallback: [],
    reloadable: true,
    doc: 'Search domains of containers that name none.',
  }),
  pluginDir: option({
    key: 'plugin-dir',
    kind: text,
    fallback: '/run/wharf/plugins',
    doc: 'Directory where plugins (`NAME.sock`, `NAME.spec`, `NAME.json`) are looked for before `/run/docker/plugins`, `/etc/docker/plugins` and `/usr/lib/docker/plugins`. Docker has no such setting.',
  }),
  pluginTimeout: option({
    key: 'plugin-timeout',
    kind: integer,
    fallback: 30,
    check: between(1, 3600),
    doc: 'Seconds that a call of a plugin may take, with all its tries. Docker has no such setting.',
  }),
  cniPath: option({
    key: 'cni-path',
    kind: text,
    fallback: '/opt/cni/bin:/usr/lib/cni:/usr/libexec/cni',
    doc: 'Directories in which the plugins of CNI networks (`network create -d cni`) are looked for, with colons between them. A call of one may take `plugin-timeout`. Docker has no such setting.',
  }),
  hostGatewayIps: option({
    key: 'host-gateway-ips',
    flag: 'host-gateway-ip',
    kind: list,
    fallback: [],
    check: addresses,
    doc: 'What `host-gateway` in `--add-host` stands for; empty: the addresses of the default bridge.',
  }),
} as const
