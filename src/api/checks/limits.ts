import type { LimitsUpdate } from '../../container/limits/merge-limits.ts'
import type { ContainerUpdateBody } from '../../protocol/container-update.ts'
import type { Limits } from '../../protocol/limits.ts'
import { isBefore } from '../versions.ts'
import { checkRestartPolicy } from './settings.ts'

/** The version that gave up the limit of kernel memory: who still names it means nothing by it. */
const withoutKernelMemory = '1.42'
/** The first version that can change the limit of processes. */
const withPidsUpdate = '1.40'

/** Settings of a new container with its limits as they are meant, by the version of the API that its client speaks. */
export function meantLimits<Settings extends Limits>({ KernelMemory, ...settings }: Settings, version: string) {
  const { PidsLimit } = settings
  return {
    ...settings,
    ...(KernelMemory !== undefined && isBefore(version, withoutKernelMemory) ? { KernelMemory } : {}),
    ...(typeof PidsLimit === 'number' && PidsLimit <= 0 ? { PidsLimit: null } : {}),
  }
}

/**
 * Turns the body of `POST /containers/{id}/update` into a request of the engine.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function updateRequest(body: ContainerUpdateBody | undefined, version: string): LimitsUpdate {
  const { RestartPolicy, PidsLimit, ...rest } = body ?? {}
  checkRestartPolicy(RestartPolicy ?? {})
  const changesPids = typeof PidsLimit === 'number' && !isBefore(version, withPidsUpdate)
  return {
    // 0, -1 and whatever is below: no limit.
    limits: { ...meantLimits(rest, version), ...(changesPids ? { PidsLimit: Math.max(0, PidsLimit) } : {}) },
    restartPolicy: RestartPolicy,
  }
}
