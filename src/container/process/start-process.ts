import { never, rfc3339Now } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import { endWaitingSessions } from '../attach/attach-container.ts'
import type { ContainerParts } from '../container-parts.ts'
import { linkVariables } from '../create/link-variables.ts'
import { joinedContainer, sandboxWish, withDonor } from '../create/network-wish.ts'
import { ifFound } from '../life/if-found.ts'
import { isLive } from '../life/is-live.ts'
import type { ContainerRecord, ContainerState } from '../model.ts'
import { acquireMounts, releaseMounts } from '../mounts/use-mounts.ts'
import { ensureRootfs, removeRootfs } from '../rootfs.ts'
import { ensureSharedMemory, removeSharedMemory } from '../shared-memory.ts'
import { findJoined } from './joined-namespaces.ts'

type StatePatch = Partial<ContainerState>

/**
 * Brings a container's process to life: root file system, network, supervisor, start. All of it or none.
 *
 * @param state  what is to be recorded together with its running
 * @returns the record of the running container
 * @throws {EngineError} with Docker's words; the record then carries the error, and the exit code a shell would give
 */
export async function startProcess(
  parts: ContainerParts,
  record: ContainerRecord,
  state: StatePatch,
): Promise<ContainerRecord> {
  try {
    return await start(parts, record, state)
  } catch (error) {
    endWaitingSessions(parts, record.id)
    parts.table.patchState(record.id, {
      status: record.state.startedAt === never ? 'created' : 'exited',
      pid: 0,
      conmonPid: 0,
      error: (error as Error).message,
      exitCode: exitCodeOf(error),
    })
    throw error
  }
}

async function start(parts: ContainerParts, asked: ContainerRecord, state: StatePatch): Promise<ContainerRecord> {
  const { table, images, networking, supervisor, waitingSessions, pathsOf } = parts
  const record = joinDonor(parts, asked)
  const { id } = record
  const paths = pathsOf(id)
  const linked = withLinkVariables(parts, record)
  const joined = findJoined(parts, record)
  await using undo = new AsyncDisposableStack()

  undo.defer(() => removeRootfs(paths))
  await ensureRootfs(paths, await images.layerDirs(images.find(record.imageId)))

  undo.defer(() => removeSharedMemory(paths))
  const own = ensureSharedMemory(paths, record.hostConfig)

  undo.defer(() => releaseMounts(parts, record))
  const mounts = await acquireMounts(parts, record)

  undo.defer(() => networking.closeSandbox(id))
  const { sandbox } = await networking.openSandbox(sandboxWish(record, paths.dir))

  undo.defer(() => supervisor.delete(record))
  const processIds = await supervisor.create({
    record: linked,
    paths,
    networkNamespace: sandbox.path,
    mounts,
    joined: { ...(own === undefined ? {} : { sharedMemory: own }), ...joined },
  })
  // Recorded before the start: an engine that is killed here finds the process again.
  const created = table.patchState(id, processIds)

  const waiting = waitingSessions.get(id) ?? []
  for (const session of waiting) session.connect(supervisor.attach(created, session.streams))
  const startedAt = rfc3339Now() // before: whoever asks for the log since then gets all of it
  await supervisor.start(created)
  waitingSessions.delete(id)

  const running = table.patchState(id, {
    ...state,
    status: 'running',
    startedAt,
    exitCode: 0,
    error: '',
    oomKilled: false,
  })
  undo.move()
  return running
}

/**
 * The record with the id of the container whose network is to be shared: its name is only known by now when it came
 * later than the one that joins it.
 *
 * @throws {EngineError} in Docker's words when there is nobody whose network the container could share
 */
function joinDonor({ table }: ContainerParts, record: ContainerRecord): ContainerRecord {
  const ref = joinedContainer(record.hostConfig.NetworkMode)
  if (ref === undefined) return record
  const donor = ifFound(() => table.find(ref))
  if (donor === undefined) {
    throw new EngineError('internal', `joining network namespace of container: No such container: ${ref}`)
  }
  const { id, name, state } = donor
  if (id === record.id) throw new EngineError('internal', 'cannot join own network namespace')
  if (state.status === 'restarting') {
    const wait = `Container ${ref} is restarting, wait until the container is running`
    throw new EngineError('conflict', `cannot join network namespace of container: ${wait}`)
  }
  // Not even while others live there: as soon as they go, it goes.
  if (!isLive(donor)) {
    const why = `container ${name} is ${state.status}`
    throw new EngineError('conflict', `cannot join network namespace of a non running container: ${why}`)
  }
  const joined = withDonor(record, donor)
  if (ref !== id) table.put(joined)
  return joined
}

/** The record with the variables that its links come to just now; they are not kept. */
function withLinkVariables(parts: ContainerParts, record: ContainerRecord): ContainerRecord {
  const variables = linkVariables(parts, record)
  if (variables.length === 0) return record
  return { ...record, config: { ...record.config, Env: [...variables, ...(record.config.Env ?? [])] } }
}

/** 127: not found; 126: found, but cannot be run; 128: anything else. @source the exit codes that Docker's clients print */
function exitCodeOf(error: unknown): number {
  const { message } = error as Error
  if (/executable file not found|no such file or directory/.test(message)) return 127
  if (/permission denied|is a directory|exec format error/.test(message)) return 126
  return 128
}
