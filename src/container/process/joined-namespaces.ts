import { EngineError } from '../../base/errors.ts'
import { isMountPoint } from '../../kernel/mounts.ts'
import type { ContainerParts } from '../container-parts.ts'
import { joinedContainer } from '../create/network-wish.ts'
import { ifFound } from '../life/if-found.ts'
import { isLive } from '../life/is-live.ts'
import type { ContainerRecord } from '../model.ts'
import { sharedMemoryPath } from '../shared-memory.ts'

/** What a container has of others: paths of namespaces, and of the memory that goes with them. */
export interface JoinedNamespaces {
  readonly pid?: string
  readonly ipc?: string
  readonly sharedMemory?: string
}

/**
 * Looks up the containers that `--pid container:x` and `--ipc container:x` name.
 *
 * @throws {EngineError} in Docker's words when one of them is not there, does not run, or does not share its memory
 */
export function findJoined(
  parts: Pick<ContainerParts, 'table' | 'supervisor' | 'pathsOf'>,
  { hostConfig }: Pick<ContainerRecord, 'hostConfig'>,
): JoinedNamespaces {
  const pidDonor = findDonor(parts, hostConfig.PidMode, 'PID')
  const ipcDonor = findDonor(parts, hostConfig.IpcMode, 'IPC')
  const { supervisor, pathsOf } = parts
  return {
    ...(pidDonor && { pid: supervisor.namespaceOf(pidDonor, 'pid') }),
    ...(ipcDonor && {
      ipc: supervisor.namespaceOf(ipcDonor, 'ipc'),
      sharedMemory: memoryOf(ipcDonor, sharedMemoryPath(pathsOf(ipcDonor.id)), hostConfig.IpcMode),
    }),
  }
}

function findDonor(
  { table }: Pick<ContainerParts, 'table'>,
  mode: string | undefined,
  kind: 'PID' | 'IPC',
): ContainerRecord | undefined {
  const ref = joinedContainer(mode)
  if (ref === undefined) return undefined
  const donor = ifFound(() => table.find(ref))
  if (donor === undefined) throw refusal(kind, 'invalid-argument', `No such container: ${ref}`)
  if (donor.state.status === 'restarting') {
    throw refusal(kind, 'conflict', `Container ${ref} is restarting, wait until the container is running`)
  }
  if (!isLive(donor)) throw refusal(kind, 'conflict', `container ${ref} is not running`)
  return donor
}

function memoryOf({ hostConfig }: ContainerRecord, path: string, mode: string | undefined): string {
  if (hostConfig.IpcMode === 'host') return '/dev/shm'
  if (isMountPoint(path)) return path
  const hint = 'non-shareable IPC (hint: use IpcMode:shareable for the donor container)'
  throw refusal('IPC', 'invalid-argument', `container ${joinedContainer(mode)}: ${hint}`)
}

function refusal(kind: string, why: 'invalid-argument' | 'conflict', words: string): EngineError {
  return new EngineError(why, `failed to join ${kind} namespace: ${words}`)
}
