/** A setting of a part that is not here: taken, so that nobody has to rewrite their configuration, and without effect. */
export interface Foreign {
  readonly flag: string
  readonly short?: string
  /** In the file, where it is not spelled as the flag. */
  readonly key?: string
  /** True: the flag needs no value. */
  readonly isSwitch?: boolean
}

const named = (flags: string): Foreign[] => flags.split(' ').map((flag) => ({ flag }))
const switches = (flags: string): Foreign[] => flags.split(' ').map((flag) => ({ flag, isSwitch: true }))

/** Every other flag and key of dockerd. @source dockerd(8), Docker Engine 29 */
export const foreignOptions: readonly Foreign[] = [
  ...named('add-runtime allow-nondistributable-artifacts cgroup-parent containerd'),
  ...named('containerd-namespace containerd-plugins-namespace cpu-rt-period cpu-rt-runtime default-cgroupns-mode'),
  ...named('default-ipc-mode default-runtime default-shm-size firewall-backend http-proxy https-proxy init-path'),
  ...named('log-format max-download-attempts'),
  ...named('network-control-plane-mtu network-diagnostic-port no-proxy oom-score-adjust seccomp-profile'),
  ...named('shutdown-timeout swarm-default-advertise-addr userland-proxy-path'),
  ...switches('cri-containerd experimental init no-new-privileges raw-logs rootless'),
  ...switches('selinux-enabled'),
  { flag: 'authorization-plugin', key: 'authorization-plugins' },
  { flag: 'cdi-spec-dir', key: 'cdi-spec-dirs' },
  { flag: 'default-ulimit', key: 'default-ulimits' },
  { flag: 'exec-opt', key: 'exec-opts' },
  { flag: 'feature', key: 'features' },
  { flag: 'group', short: 'G' },
  { flag: 'node-generic-resource', key: 'node-generic-resources' },
  { flag: 'storage-driver', short: 's' },
  { flag: 'storage-opt', key: 'storage-opts' },
]

/** Keys that have no flag. */
const keysOnly = ['builder', 'proxies', 'runtimes']

/** Their names in the configuration file. */
export const foreignKeys: ReadonlySet<string> = new Set([
  ...foreignOptions.map(({ flag, key = flag }) => key),
  ...keysOnly,
])
