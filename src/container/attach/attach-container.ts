import { EngineError, isErrno } from '../../base/errors.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { ContainerRecord } from '../model.ts'
import { createDeferredSession } from './deferred-session.ts'
import type { Session, SessionStreams } from './session.ts'

/**
 * A live connection to a container's streams. One that does not run yet gives a session that waits for its start,
 * so that its first words are not lost.
 *
 * @throws {EngineError} `conflict` for a paused or restarting container
 */
export async function attachContainer(parts: ContainerParts, ref: string, streams: SessionStreams): Promise<Session> {
  const { table, waitingSessions } = parts
  const record = table.find(ref)
  const { id, config, state } = record
  if (state.status === 'paused') {
    throw new EngineError('conflict', `container ${id} is paused, unpause the container before attach`)
  }
  if (state.status === 'restarting') {
    throw new EngineError('conflict', `container ${id} is restarting, wait until the container is running`)
  }
  if (state.status === 'running') return attachRunning(parts, record, streams)

  const session = createDeferredSession(streams, config.Tty ?? false)
  waitingSessions.set(id, [...(waitingSessions.get(id) ?? []), session])
  void session.closed.then(() => {
    const others = (waitingSessions.get(id) ?? []).filter((other) => other !== session)
    if (others.length > 0) waitingSessions.set(id, others)
    else waitingSessions.delete(id)
  })
  return session
}

/** The process may have ended just now, before that is recorded: then its streams are over. */
function attachRunning({ supervisor }: ContainerParts, record: ContainerRecord, streams: SessionStreams): Session {
  try {
    return supervisor.attach(record, streams)
  } catch (error) {
    if (!isErrno(error, 'ENOENT', 'ECONNREFUSED')) throw error
    const session = createDeferredSession(streams, record.config.Tty ?? false)
    session.end()
    return session
  }
}

/** The start failed: nothing will ever come. */
export function endWaitingSessions({ waitingSessions }: ContainerParts, id: string): void {
  for (const session of waitingSessions.get(id) ?? []) session.end()
  waitingSessions.delete(id)
}
