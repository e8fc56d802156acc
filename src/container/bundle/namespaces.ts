import type { HostConfig } from '../../protocol/container.ts'
import type { OciNamespace } from './oci.ts'

/** Namespaces that exist already. */
export interface NamespaceFacts {
  /** Undefined: the engine's own. */
  readonly network: string | undefined
  /** Of the containers that `--pid container:x` and `--ipc container:x` name. */
  readonly pid?: string
  readonly ipc?: string
  readonly cgroupVersion: 1 | 2
}

/** The namespaces of a container: new ones, unless a mode says `host` or names a container. */
export function planNamespaces(
  { PidMode = '', IpcMode = '', UTSMode = '', CgroupnsMode = '' }: HostConfig,
  { network, pid, ipc, cgroupVersion }: NamespaceFacts,
): readonly OciNamespace[] {
  const privateCgroup = CgroupnsMode === '' ? cgroupVersion === 2 : CgroupnsMode === 'private'
  return [
    { type: 'mount' },
    ...(network === undefined ? [] : [{ type: 'network', path: network } as const]),
    ...(UTSMode === 'host' ? [] : [{ type: 'uts' } as const]),
    ...(IpcMode === 'host' ? [] : [{ type: 'ipc', ...joined(ipc) } as const]),
    ...(PidMode === 'host' ? [] : [{ type: 'pid', ...joined(pid) } as const]),
    ...(privateCgroup ? [{ type: 'cgroup' } as const] : []),
  ]
}

function joined(path: string | undefined): { readonly path?: string } {
  return path === undefined ? {} : { path }
}
