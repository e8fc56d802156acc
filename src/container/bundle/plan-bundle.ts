import type { CgroupLimits } from '../../kernel/cgroups/limits.ts'
import type { ContainerConfig, HostConfig } from '../../protocol/container.ts'
import { capabilitySets, planCapabilities } from './capabilities.ts'
import { parseDeviceRules } from './device-rules.ts'
import { type GrantedDevice, planDevices } from './devices.ts'
import { planEnvironment } from './environment.ts'
import { initTarget, type MountFacts, planMounts } from './mounts.ts'
import { type NamespaceFacts, planNamespaces } from './namespaces.ts'
import type { OciProcess, OciSpec, OciUser } from './oci.ts'
import { planResources } from './resources.ts'
import { type OwnLimits, planRlimits } from './rlimits.ts'
import { planSeccomp, type SeccompFacts, type SeccompProfile } from './seccomp.ts'
import { parseSecurityOptions } from './security-options.ts'
import { checkSysctls } from './sysctls.ts'

/** The settings of a container that a bundle is made from. */
export interface BundleWish {
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
}

/** Everything else that a bundle depends on, looked up beforehand. */
export interface BundleFacts {
  /** Path of the mounted root file system. */
  readonly rootfs: string
  readonly hostname: string
  /** From the root of the hierarchies: `"/wharf/0123…"`. */
  readonly cgroupsPath: string
  readonly user: OciUser
  /** What the engine itself may do. */
  readonly capabilities: readonly string[]
  /** Undefined when the engine may raise limits. */
  readonly ownLimits: OwnLimits | undefined
  readonly limits: CgroupLimits
  readonly machine: Omit<SeccompFacts, 'capabilities'>
  readonly defaultSeccomp: SeccompProfile | undefined
  readonly devices: readonly GrantedDevice[]
  readonly mounts: MountFacts
  readonly namespaces: NamespaceFacts
}

/** A bundle, and what could not be done as it was asked. */
export interface BundlePlan {
  readonly spec: OciSpec
  /** Names of limits that are lower than asked. */
  readonly compromises: readonly string[]
}

/** Paths of /proc and /sys that tell of the host. @source Docker Engine API v1.51, HostConfig.MaskedPaths */
const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
]
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** The OCI configuration of a container: pure translation of its settings and of the facts. */
export function planBundle({ config, hostConfig }: BundleWish, facts: BundleFacts): BundlePlan {
  const security = parseSecurityOptions(hostConfig.SecurityOpt ?? [])
  const capabilities = planCapabilities(hostConfig, facts.capabilities)
  const { rlimits, lowered } = planRlimits(hostConfig.Ulimits ?? [], facts.ownLimits)
  checkSysctls(hostConfig)
  const { devices, rules } = planDevices(facts.devices)
  const resources = planResources(
    hostConfig,
    [...rules, ...parseDeviceRules(hostConfig.DeviceCgroupRules ?? [])],
    facts.limits,
  )
  const profile = security.seccomp === 'default' ? facts.defaultSeccomp : security.seccomp
  const unconfined = hostConfig.Privileged || profile === undefined || profile === 'unconfined'
  const spec: OciSpec = {
    ociVersion: '1.0.2',
    process: planProcess({ config, hostConfig }, facts, {
      capabilities: capabilitySets(capabilities),
      noNewPrivileges: security.noNewPrivileges,
      rlimits,
    }),
    root: { path: facts.rootfs, readonly: hostConfig.ReadonlyRootfs ?? false },
    ...(hostConfig.UTSMode === 'host' ? {} : { hostname: facts.hostname }),
    mounts: planMounts(
      hostConfig,
      { ...facts.mounts, writableCgroups: security.writableCgroups },
      facts.machine.kernel,
    ),
    linux: {
      namespaces: planNamespaces(hostConfig, facts.namespaces),
      ...(devices.length > 0 ? { devices } : {}),
      cgroupsPath: facts.cgroupsPath,
      resources,
      ...sysctls(config, hostConfig),
      ...(unconfined ? {} : { seccomp: planSeccomp(profile, { ...facts.machine, capabilities }) }),
      ...hiddenPaths(hostConfig),
      ...propagation(facts.mounts),
    },
  }
  return { spec, compromises: lowered }
}

/** Node has it; TypeScript's library does not know it yet. */
const json = JSON as JSON & { rawJSON(text: string): unknown }

/** The text of a bundle's `config.json`, or of a `process.json`. An unlimited limit is the highest number of 64 bits. */
export function renderOci(value: OciSpec | OciProcess): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part === Number.POSITIVE_INFINITY ? json.rawJSON('18446744073709551615') : part,
  )
}

function planProcess(
  { config, hostConfig }: BundleWish,
  { user, hostname, mounts }: BundleFacts,
  rights: Pick<OciProcess, 'capabilities' | 'noNewPrivileges' | 'rlimits'>,
): OciProcess {
  const terminal = config.Tty ?? false
  const command = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]
  const [height = 0, width = 0] = hostConfig.ConsoleSize ?? []
  return {
    terminal,
    ...(terminal && height > 0 && width > 0 ? { consoleSize: { height, width } } : {}),
    user,
    args: mounts.initPath === undefined ? command : [initTarget, '--', ...command],
    env: planEnvironment(config.Env ?? [], { hostname, terminal }),
    cwd: config.WorkingDir || '/',
    ...rights,
    ...(hostConfig.OomScoreAdj ? { oomScoreAdj: hostConfig.OomScoreAdj } : {}),
  }
}

/** `net.*` is written by the network when it makes the namespace. */
function sysctls(
  config: ContainerConfig,
  { Sysctls, UTSMode }: HostConfig,
): { sysctl?: Readonly<Record<string, string>> } {
  const own = Object.entries(Sysctls ?? {}).filter(([key]) => !key.startsWith('net.'))
  const domain = config.Domainname && UTSMode !== 'host' ? [['kernel.domainname', config.Domainname]] : []
  return own.length + domain.length > 0 ? { sysctl: Object.fromEntries([...own, ...domain]) } : {}
}

function hiddenPaths({ Privileged, MaskedPaths, ReadonlyPaths }: HostConfig): {
  maskedPaths: readonly string[]
  readonlyPaths: readonly string[]
} {
  return {
    maskedPaths: MaskedPaths ?? (Privileged ? [] : maskedPaths),
    readonlyPaths: ReadonlyPaths ?? (Privileged ? [] : readonlyPaths),
  }
}

/** Mounts reach the host, or come from it, only when the root of the container lets them through. */
function propagation({ user }: MountFacts): { rootfsPropagation?: string } {
  const wishes = new Set(user.binds.map((bind) => bind.propagation.replace(/^r/, '')))
  if (wishes.has('shared')) return { rootfsPropagation: 'shared' }
  return wishes.has('slave') ? { rootfsPropagation: 'slave' } : {}
}
