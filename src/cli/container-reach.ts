import { inspectContainer } from '../client/containers.ts'
import { portReach } from '../client/ports.ts'
import type { Transport } from '../client/transport.ts'
import type { ContainerSummary } from '../protocol/container-summary.ts'
import { renderReach } from './format/reach.ts'

/** From where each container's published ports are reached, in words, by its id. */
export async function reachOfAll(
  transport: Transport,
  containers: readonly Pick<ContainerSummary, 'Id' | 'Ports'>[],
): Promise<ReadonlyMap<string, string>> {
  const publishing = containers.filter(({ Ports }) => (Ports ?? []).length > 0)
  const entries = publishing.map(async ({ Id }) => {
    const { Ports } = await portReach(transport, Id)
    return [Id, Ports.map(renderReach).join('; ')] as const
  })
  return new Map(await Promise.all(entries))
}

/** A container as `inspect` shows it, with `NetworkSettings.Reach`: from where its published ports are reached. */
export async function inspectWithReach(transport: Transport, ref: string, size: boolean): Promise<unknown> {
  const container = await inspectContainer(transport, ref, size)
  const { Ports: Reach } = await portReach(transport, ref)
  return { ...container, NetworkSettings: { ...container.NetworkSettings, Reach } }
}
