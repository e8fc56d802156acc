import type { ContainerRecord } from '../model.ts'

/** Whether a container has processes. */
export function isLive({ state }: Pick<ContainerRecord, 'state'>): boolean {
  return state.status === 'running' || state.status === 'paused'
}
