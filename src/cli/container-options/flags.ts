import { bool, bytes, int, list, text } from '../flags/flag-kinds.ts'
import type { FlagSpec } from '../flags/flag-spec.ts'
import { checkAddress, checkEnv, checkHost, checkLink, checkStream, checkSysctl } from './checks.ts'
import { checkDeviceRule } from './host-options.ts'
import { limitFlags } from './limit-flags.ts'
import { parseMount } from './mount-option.ts'
import { parseNetworkOption } from './network-option.ts'
import { parseUlimit } from './ulimits.ts'

const duration = (name: string, help: string): FlagSpec => ({ name, kind: 'duration', help: `${help} (ms|s|m|h)` })

const processFlags: readonly FlagSpec[] = [
  list('attach', 'Attach to STDIN, STDOUT or STDERR', { short: 'a', check: checkStream }),
  text('cidfile', 'Write the container ID to the file'),
  text('domainname', 'Container NIS domain name'),
  text('entrypoint', 'Overwrite the default ENTRYPOINT of the image'),
  list('env', 'Set environment variables', { short: 'e', check: checkEnv }),
  list('env-file', 'Read in a file of environment variables'),
  text('hostname', 'Container host name', { short: 'h' }),
  bool('init', 'Run an init inside the container that forwards signals and reaps processes'),
  bool('interactive', 'Keep STDIN open even if not attached', { short: 'i' }),
  list('label', 'Set meta data on a container', { short: 'l' }),
  list('label-file', 'Read in a line delimited file of labels'),
  text('name', 'Assign a name to the container'),
  text('platform', 'Set platform if server is multi-platform capable'),
  text('pull', 'Pull image before running ("always", "missing", "never")', { default: 'missing' }),
  bool('quiet', 'Suppress the pull output', { short: 'q' }),
  text('restart', 'Restart policy to apply when a container exits', { default: 'no' }),
  bool('rm', 'Automatically remove the container and its associated anonymous volumes when it exits'),
  text('runtime', 'Runtime to use for this container'),
  text('stop-signal', 'Signal to stop the container'),
  int('stop-timeout', 'Timeout (in seconds) to stop a container'),
  bool('tty', 'Allocate a pseudo-TTY', { short: 't' }),
  text('user', 'Username or UID (format: <name|uid>[:<group|gid>])', { short: 'u' }),
  text('workdir', 'Working directory inside the container', { short: 'w' }),
]

const networkFlags: readonly FlagSpec[] = [
  list('add-host', 'Add a custom host-to-IP mapping (host:ip)', { check: checkHost }),
  list('dns', 'Set custom DNS servers', { check: checkAddress }),
  list('dns-option', 'Set DNS options', { hiddenNames: ['dns-opt'] }),
  list('dns-search', 'Set custom DNS search domains'),
  list('expose', 'Expose a port or a range of ports'),
  text('ip', 'IPv4 address (e.g., 172.30.100.104)'),
  text('ip6', 'IPv6 address (e.g., 2001:db8::33)'),
  list('link', 'Add link to another container', { check: checkLink }),
  list('link-local-ip', 'Container IPv4/IPv6 link-local addresses'),
  text('mac-address', 'Container MAC address (e.g., 92:d0:c6:0a:29:33)'),
  list('network', 'Connect a container to a network', {
    typeName: 'network',
    hiddenNames: ['net'],
    check: (value) => void parseNetworkOption(value),
  }),
  list('network-alias', 'Add network-scoped alias for the container', { hiddenNames: ['net-alias'] }),
  list('publish', "Publish a container's port(s) to the host", { short: 'p' }),
  bool('publish-all', 'Publish all exposed ports to random ports', { short: 'P' }),
]

const isolationFlags: readonly FlagSpec[] = [
  list('cap-add', 'Add Linux capabilities'),
  list('cap-drop', 'Drop Linux capabilities'),
  text('cgroupns', 'Cgroup namespace to use (host|private)'),
  list('device', 'Add a host device to the container'),
  list('device-cgroup-rule', 'Add a rule to the cgroup allowed devices list', { check: checkDeviceRule }),
  text('gpus', "GPU devices to add to the container ('all' to pass all GPUs)", { typeName: 'gpu-request' }),
  list('group-add', 'Add additional groups to join'),
  text('ipc', 'IPC mode to use'),
  text('isolation', 'Container isolation technology'),
  list('mount', 'Attach a filesystem mount to the container', {
    typeName: 'mount',
    check: (value) => void parseMount(value),
  }),
  text('pid', 'PID namespace to use'),
  bool('privileged', 'Give extended privileges to this container'),
  bool('read-only', "Mount the container's root filesystem as read only"),
  list('security-opt', 'Security Options'),
  list('storage-opt', 'Storage driver options for the container'),
  list('sysctl', 'Sysctl options', { typeName: 'map', check: checkSysctl }),
  list('tmpfs', 'Mount a tmpfs directory'),
  text('userns', 'User namespace to use'),
  text('uts', 'UTS namespace to use'),
  list('volume', 'Bind mount a volume', { short: 'v' }),
  text('volume-driver', 'Optional volume driver for the container'),
  list('volumes-from', 'Mount volumes from the specified container(s)'),
]

const resourceFlags: readonly FlagSpec[] = [
  text('health-cmd', 'Command to run to check health'),
  duration('health-interval', 'Time between running the check'),
  int('health-retries', 'Consecutive failures needed to report unhealthy'),
  duration('health-start-interval', 'Time between running the check during the start period'),
  duration(
    'health-start-period',
    'Start period for the container to initialize before starting health-retries countdown',
  ),
  duration('health-timeout', 'Maximum time to allow one check to run'),
  text('log-driver', 'Logging driver for the container'),
  list('log-opt', 'Log driver options'),
  bool('no-healthcheck', 'Disable any container-specified HEALTHCHECK'),
  int('oom-score-adj', "Tune host's OOM preferences (-1000 to 1000)"),
  bytes('shm-size', 'Size of /dev/shm'),
  list('ulimit', 'Ulimit options', { typeName: 'ulimit', check: (value) => void parseUlimit(value) }),
]

/** The flags that `run` and `create` have in common. */
export const containerFlags: readonly FlagSpec[] = [
  ...processFlags,
  ...networkFlags,
  ...isolationFlags,
  ...resourceFlags,
  ...limitFlags,
]
