import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import type { OciCapabilities } from './oci.ts'

/** All capabilities in the order of their numbers. @source include/uapi/linux/capability.h */
const names = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
)
  .split(' ')
  .map((name) => `CAP_${name}`)

/** What a container may do unless it is told otherwise. @source Docker's documentation, "Runtime privilege and Linux capabilities" */
const defaults: ReadonlySet<string> = new Set(
  (
    'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL ' +
    'AUDIT_WRITE'
  )
    .split(' ')
    .map((name) => `CAP_${name}`),
)

/** The capabilities that a mask of `/proc/self/status` names. @param mask  hexadecimal: `"000001fffeffffff"` */
export function parseCapabilityMask(mask: string): readonly string[] {
  const bits = BigInt(`0x${mask.trim()}`)
  return names.filter((_, number) => (bits >> BigInt(number)) & 1n)
}

/**
 * The capabilities of a container, in the order of their numbers.
 *
 * `ALL` may be added or dropped; a name that is both stays. A privileged container has all that the engine has.
 *
 * @param available  what the engine itself can give away
 * @throws {EngineError} `invalid-argument` in Docker's words for a name that does not exist, or is not available
 */
export function planCapabilities(
  { CapAdd, CapDrop, Privileged }: Pick<HostConfig, 'CapAdd' | 'CapDrop' | 'Privileged'>,
  available: readonly string[],
): readonly string[] {
  const added = parseNames('CapAdd', CapAdd ?? [], available)
  const dropped = parseNames('CapDrop', CapDrop ?? [], available)
  if (Privileged) return available
  const base = added.has('ALL') ? available : dropped.has('ALL') ? [] : available.filter((name) => defaults.has(name))
  const kept = new Set(base.filter((name) => !dropped.has(name) || added.has(name)))
  return available.filter((name) => kept.has(name) || added.has(name))
}

/** Checks a container's capability names without knowing what the engine can give. @throws {EngineError} `invalid-argument` */
export function checkCapabilityNames({ CapAdd, CapDrop }: Pick<HostConfig, 'CapAdd' | 'CapDrop'>): void {
  parseNames('CapAdd', CapAdd ?? [], names)
  parseNames('CapDrop', CapDrop ?? [], names)
}

/** The three sets that a container's first process gets. None is inheritable: programs get them from being root. */
export function capabilitySets(capabilities: readonly string[]): OciCapabilities {
  return { bounding: capabilities, effective: capabilities, permitted: capabilities }
}

function parseNames(field: string, given: readonly string[], available: readonly string[]): ReadonlySet<string> {
  return new Set(
    given.map((text) => {
      const upper = text.toUpperCase()
      if (upper === 'ALL') return upper
      const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
      if (!names.includes(name))
        throw new EngineError('invalid-argument', `invalid ${field}: unknown capability: "${name}"`)
      if (!available.includes(name) && field === 'CapAdd') {
        throw new EngineError(
          'invalid-argument',
          `invalid ${field}: capability not supported by your kernel or not available in the current environment: "${name}"`,
        )
      }
      return name
    }),
  )
}
