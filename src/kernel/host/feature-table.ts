import { linkKinds } from '../../wire/netlink/link-kinds.ts'
import {
  conntrackProbe,
  espProbe,
  fileProbe,
  ipvlanProbe,
  linkProbe,
  macvlanProbe,
  nftProbe,
  nftRuleProbe,
  overlayProbe,
  type Probe,
  vlanProbe,
} from './feature-probes.ts'

/** Something that a kernel may lack. */
export interface FeatureSpec {
  /** What it is good for, for people. */
  readonly purpose: string
  /** Options of the kernel's configuration. */
  readonly option: string
  /** What to give to `modprobe`; undefined where it cannot be a module. */
  readonly module?: string
  readonly probe: Probe
}

const nat = 'type nat hook prerouting priority 0'
const natAfter = 'type nat hook postrouting priority 0'

/** Everything that some part of the engine needs and some kernel lacks. */
export const features = {
  bridge: {
    purpose: 'bridge networks',
    option: 'CONFIG_BRIDGE',
    module: 'bridge',
    probe: linkProbe('bridge'),
  },
  'bridge-vlan-filtering': {
    purpose: 'VLANs inside a bridge',
    option: 'CONFIG_BRIDGE_VLAN_FILTERING',
    probe: linkProbe('bridge', linkKinds.bridge.encode({ vlanFiltering: 1 })),
  },
  veth: {
    purpose: 'plugging containers into a bridge',
    option: 'CONFIG_VETH',
    module: 'veth',
    probe: ({ parent }) => {
      parent()
    },
  },
  vxlan: {
    purpose: 'overlay networks',
    option: 'CONFIG_VXLAN',
    module: 'vxlan',
    probe: linkProbe('vxlan', linkKinds.vxlan.encode({ id: 1, port: 4789 })),
  },
  macvlan: { purpose: 'macvlan networks', option: 'CONFIG_MACVLAN', module: 'macvlan', probe: macvlanProbe },
  ipvlan: { purpose: 'ipvlan networks', option: 'CONFIG_IPVLAN', module: 'ipvlan', probe: ipvlanProbe },
  vlan: {
    purpose: '802.1Q trunks below macvlan and ipvlan networks',
    option: 'CONFIG_VLAN_8021Q',
    module: '8021q',
    probe: vlanProbe,
  },
  dummy: {
    purpose: 'macvlan and ipvlan networks without a parent',
    option: 'CONFIG_DUMMY',
    module: 'dummy',
    probe: linkProbe('dummy'),
  },
  ipv6: {
    purpose: 'IPv6',
    option: 'CONFIG_IPV6',
    module: 'ipv6',
    probe: fileProbe('/proc/sys/net/ipv6/conf/all/disable_ipv6'),
  },
  nftables: {
    purpose: 'the firewall',
    option: 'CONFIG_NF_TABLES_INET',
    module: 'nf_tables',
    probe: nftRuleProbe('accept'),
  },
  'nft-nat': {
    purpose: 'published ports',
    option: 'CONFIG_NFT_NAT',
    module: 'nft_chain_nat',
    probe: nftRuleProbe('meta nfproto ipv4 dnat ip to 10.0.0.1', nat),
  },
  'nft-masquerade': {
    purpose: 'containers reaching the world',
    option: 'CONFIG_NFT_MASQ',
    module: 'nft_masq',
    probe: nftRuleProbe('masquerade', natAfter),
  },
  'nft-redirect': {
    purpose: 'names of containers',
    option: 'CONFIG_NFT_REDIR',
    module: 'nft_redir',
    probe: nftRuleProbe('udp dport 53 redirect to :1053', nat),
  },
  'nft-maps': {
    purpose: 'published ports in a table instead of a rule each',
    option: 'CONFIG_NF_TABLES',
    module: 'nf_tables',
    probe: nftRuleProbe('meta nfproto ipv4 dnat ip to tcp dport map { 80-90 : 10.0.0.1 }', nat),
  },
  'nft-concatenations': {
    purpose: 'published ports of one host address (Linux 5.6)',
    option: 'CONFIG_NF_TABLES',
    module: 'nf_tables',
    probe: nftRuleProbe('ip daddr . tcp dport { 10.0.0.0/24 . 80-90 } accept'),
  },
  'nft-conntrack': {
    purpose: 'answers to what containers asked',
    option: 'CONFIG_NFT_CT',
    module: 'nft_ct',
    probe: nftRuleProbe('ct state established accept'),
  },
  'nft-fib': {
    purpose: "ports on the host's own addresses",
    option: 'CONFIG_NFT_FIB_INET',
    module: 'nft_fib_inet',
    probe: nftRuleProbe('fib daddr type local accept', 'type filter hook prerouting priority 0'),
  },
  'nft-bridge': {
    purpose: 'rules between containers of one network',
    option: 'CONFIG_NF_TABLES_BRIDGE',
    module: 'nf_tables',
    probe: nftRuleProbe('accept', undefined, 'bridge'),
  },
  'nft-bridge-conntrack': {
    purpose: 'answers between containers of one network',
    option: 'CONFIG_NF_CONNTRACK_BRIDGE',
    module: 'nf_conntrack_bridge',
    probe: nftRuleProbe('ct state established accept', undefined, 'bridge'),
  },
  'nft-log': {
    purpose: 'telling what the firewall drops',
    option: 'CONFIG_NFT_LOG',
    module: 'nft_log',
    probe: nftRuleProbe('log accept'),
  },
  'nft-flowtable': {
    purpose: 'forwarding without the firewall for connections it has seen',
    option: 'CONFIG_NF_FLOW_TABLE_INET',
    module: 'nf_flow_table_inet',
    probe: nftProbe(
      'add table inet probe',
      'add flowtable inet probe f { hook ingress priority 0; devices = { lo }; }',
    ),
  },
  'conntrack-netlink': {
    purpose: 'ending old UDP flows of a published port',
    option: 'CONFIG_NF_CT_NETLINK',
    module: 'nf_conntrack_netlink',
    probe: conntrackProbe,
  },
  overlayfs: { purpose: 'images in layers', option: 'CONFIG_OVERLAY_FS', module: 'overlay', probe: overlayProbe },
  seccomp: {
    purpose: 'filtering system calls of containers',
    option: 'CONFIG_SECCOMP_FILTER',
    probe: fileProbe('/proc/sys/kernel/seccomp/actions_avail'),
  },
  'user-namespaces': {
    purpose: 'containers whose root is not root',
    option: 'CONFIG_USER_NS',
    probe: fileProbe('/proc/self/ns/user'),
  },
  'cgroup-namespaces': {
    purpose: 'containers that see their own control groups only',
    option: 'CONFIG_CGROUPS',
    probe: fileProbe('/proc/self/ns/cgroup'),
  },
  esp: {
    purpose: 'encrypted overlay networks',
    option: 'CONFIG_INET_ESP and CONFIG_CRYPTO_GCM',
    module: 'esp4',
    probe: espProbe,
  },
  'nft-ipsec': {
    purpose: 'encrypted overlay networks',
    option: 'CONFIG_NFT_XFRM',
    module: 'nft_xfrm',
    probe: nftRuleProbe('ipsec in reqid 1 accept', 'type filter hook input priority 0'),
  },
} as const satisfies Readonly<Record<string, FeatureSpec>>

/** The name of something that a kernel may lack. */
export type FeatureName = keyof typeof features
