import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'

/** Settings of the kernel that each IPC namespace has of its own. @source ipc_namespaces(7) */
const ofIpc = new Set(
  'msgmax msgmnb msgmni sem shmall shmmax shmmni shm_rmid_forced'.split(' ').map((name) => `kernel.${name}`),
)

/**
 * Refuses settings of the kernel that are not the container's own: they would change the host.
 *
 * @throws {EngineError} `internal`, in the words of the runtime that Docker uses
 */
export function checkSysctls({ Sysctls, IpcMode, UTSMode, NetworkMode }: HostConfig): void {
  for (const name of Object.keys(Sysctls ?? {})) {
    const key = name.replaceAll('/', '.')
    if (ofIpc.has(key) || key.startsWith('fs.mqueue.')) {
      if (IpcMode === 'host') throw refusal(`sysctl "${name}" is not allowed in the hosts ipc namespace`)
    } else if (key === 'kernel.domainname') {
      if (UTSMode === 'host') throw refusal(`sysctl "${name}" is not allowed in the hosts UTS namespace`)
    } else if (key === 'kernel.hostname') {
      throw refusal(`sysctl "${name}" is not allowed as it conflicts with the OCI "hostname" field`)
    } else if (!key.startsWith('net.')) throw refusal(`sysctl "${name}" is not in a separate kernel namespace`)
    else if (NetworkMode === 'host') throw refusal(`sysctl "${name}" not allowed in host network namespace`)
  }
}

function refusal(words: string): EngineError {
  const before = 'failed to create task for container: failed to create shim task: OCI runtime create failed'
  return new EngineError('internal', `${before}: runc create failed: ${words}: unknown`)
}
