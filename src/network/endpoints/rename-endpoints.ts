import { dnsNames } from '../dns/names.ts'
import { refreshLinks, tellLinks } from '../links/links.ts'
import type { EndpointRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { tellNames } from '../sandbox/apply-plan.ts'
import { planSandbox } from '../sandbox/sandbox-plan.ts'
import { isWished } from './gateways.ts'

/** A running container has a new name: its names on every network follow. Without a network there is nothing to do. */
export async function renameEndpoints(parts: NetworkParts, containerId: string, containerName: string): Promise<void> {
  const { table, locks } = parts
  using _ = await locks.acquire(`container ${containerId}`)
  const sandbox = table.sandbox(containerId)
  if (sandbox === undefined) return
  const { hostname } = sandbox.wish
  const all = table.endpointsOfContainer(containerId)
  const endpoints = all.filter(isWished).map((endpoint): EndpointRecord => {
    const { aliases } = endpoint
    const names = endpoint.dnsNames.length === 0 ? [] : dnsNames({ containerId, containerName, aliases, hostname })
    return { ...endpoint, containerName, dnsNames: names }
  })
  const renamed = { ...sandbox, wish: { ...sandbox.wish, containerName } }
  table.commit({ endpoints, sandboxes: [renamed] })
  for (const endpoint of endpoints) await parts.shared?.rename(endpoint)
  const { names } = planSandbox(parts, renamed, endpoints)
  await tellNames(parts, undefined, { setup: undefined, names })
  // Links name a container by what it is called now: those of others, and its own if one names itself.
  await refreshLinks(parts, endpoints)
  if (endpoints.some(({ links }) => links.length > 0)) await tellLinks(parts, containerId)
}
