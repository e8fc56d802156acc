import { millisecondsOf } from '../../base/clock.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { SandboxView } from '../../network/networking.ts'
import type { HostConfig } from '../../protocol/container.ts'
import type { ContainerSummary } from '../../protocol/container-summary.ts'
import { isBefore } from '../versions.ts'
import { commandText } from './command-text.ts'
import { endpointViews } from './container-endpoints.ts'
import { portSummaries } from './container-ports.ts'
import { mountPoints } from './mounts.ts'
import { statusText } from './status-text.ts'

/** What a list of containers needs to know besides the records. */
export interface SummaryContext {
  readonly nowMs: number
  /** Of the API that the client speaks. */
  readonly version: string
  networkId(name: string): string | undefined
  /** The id of the image that a reference means now; undefined when there is none. */
  imageId(reference: string): string | undefined
}

/** One line of `docker ps`. */
export function containerSummary(
  record: ContainerRecord,
  sandbox: SandboxView | undefined,
  context: SummaryContext,
): ContainerSummary {
  const { id, name, config, hostConfig, state, imageId, imageReference } = record
  const live = state.status === 'running' || state.status === 'paused'
  const endpoints = sandbox?.endpoints ?? []
  // A container that only exposes shows its ports while it runs, as Docker does.
  const exposed = live ? Object.keys(config.ExposedPorts ?? {}) : []
  return {
    Id: id,
    Names: [`/${name}`],
    // The name may mean another image by now: then only the id tells what the container runs.
    Image: context.imageId(imageReference) === imageId ? imageReference : imageId,
    ImageID: imageId,
    Command: commandText(config),
    Created: Math.floor(millisecondsOf(record.created) / 1000),
    Ports: portSummaries(hasOwnNetwork(hostConfig.NetworkMode) ? exposed : [], sandbox?.sandbox.ports ?? []),
    Labels: config.Labels ?? {},
    State: state.status,
    Status: statusText(state, context.nowMs),
    HostConfig: { NetworkMode: hostConfig.NetworkMode ?? 'bridge', ...annotations(hostConfig, context.version) },
    NetworkSettings: {
      Networks: endpointViews(record, { endpoints, networkId: context.networkId }, context.version),
    },
    Mounts: mountPoints(record),
  }
}

function annotations({ Annotations }: HostConfig, version: string): Pick<HostConfig, 'Annotations'> {
  return Annotations && !isBefore(version, '1.46') ? { Annotations } : {}
}

/** False where ports belong to somebody else: the host, or the container whose network is shared. */
export function hasOwnNetwork(mode = 'bridge'): boolean {
  return mode !== 'host' && !mode.startsWith('container:')
}
