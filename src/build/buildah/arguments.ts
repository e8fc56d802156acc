import type { BuildRequest } from '../builder.ts'

/** Where the files of one build are. */
export interface BuildFiles {
  readonly dockerfile: string
  readonly context: string
  /** An empty file: exclusions are the client's business. */
  readonly ignoreFile: string
  readonly policy: string
  readonly runtime: string
  /** Of the runtime's own state. */
  readonly runtimeRoot: string
  /** `hosts` and `resolv.conf` are in it; undefined: buildah makes its own. */
  readonly networkFiles: string | undefined
}

/** As Docker grants them to a container that asks for nothing; buildah itself grants fewer. */
const capabilities = ['CAP_AUDIT_WRITE', 'CAP_MKNOD', 'CAP_NET_RAW']

/** The words after `buildah build`. Pure. @source buildah-build(1) */
export function buildArguments(
  request: BuildRequest,
  files: BuildFiles,
  network: string,
  cgroup: string,
): readonly string[] {
  return [
    '--format=docker',
    // Without it all that a stage does is one layer, on those of its base: what Docker calls squashed. buildah's own
    // flag of that name would squash the base, too.
    `--layers=${!request.squash}`,
    '--force-rm',
    '--identity-label=false',
    '--pull-never',
    '--http-proxy=false',
    '--skip-unused-stages=false',
    '--isolation=oci',
    `--runtime=${files.runtime}`,
    `--runtime-flag=root=${files.runtimeRoot}`,
    `--signature-policy=${files.policy}`,
    `--ignorefile=${files.ignoreFile}`,
    `--file=${files.dockerfile}`,
    `--cgroup-parent=${cgroup}`,
    ...capabilities.map((name) => `--cap-add=${name}`),
    ...networkArguments(request, files, network),
    ...limitArguments(request),
    ...Object.entries(request.buildArgs).map(([name, value]) => `--build-arg=${name}=${value}`),
    ...(request.noCache ? ['--no-cache'] : []),
    ...(request.platform === '' ? [] : [`--platform=${request.platform}`]),
    files.context,
  ]
}

function networkArguments({ extraHosts }: BuildRequest, { networkFiles }: BuildFiles, network: string): string[] {
  if (networkFiles === undefined) return [`--network=${network}`, ...extraHosts.map((line) => `--add-host=${line}`)]
  return [
    `--network=${network}`,
    '--no-hosts',
    '--dns=none',
    `--volume=${networkFiles}/hosts:/etc/hosts`,
    `--volume=${networkFiles}/resolv.conf:/etc/resolv.conf`,
  ]
}

function limitArguments({ limits }: BuildRequest): string[] {
  const flag = (name: string, value: number | string | undefined, unit = '') =>
    value === undefined || value === '' || value === 0 ? [] : [`--${name}=${value}${unit}`]
  return [
    ...flag('memory', limits.memory, 'b'),
    ...flag('memory-swap', limits.memorySwap, limits.memorySwap === -1 ? '' : 'b'),
    ...flag('cpu-shares', limits.cpuShares),
    ...flag('cpu-period', limits.cpuPeriod),
    ...flag('cpu-quota', limits.cpuQuota),
    ...flag('cpuset-cpus', limits.cpusetCpus),
    ...flag('cpuset-mems', limits.cpusetMems),
    // Handed on to mount(2), which knows no unit below this.
    ...flag('shm-size', limits.shmSize && Math.ceil(limits.shmSize / 1024), 'k'),
    ...limits.ulimits.map(({ name, soft, hard }) => `--ulimit=${name}=${soft}:${hard}`),
  ]
}
