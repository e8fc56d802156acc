import type { Networking } from '../../network/networking.ts'
import type { OverlayReport } from '../../protocol/overlay.ts'
import { pathView, storeView } from './nodes.ts'

/** What an examination of shared networks has found, as clients see it. */
export function overlayView({
  facts,
  findings,
}: Awaited<NonNullable<ReturnType<Networking['examineShared']>>>): OverlayReport {
  return {
    Findings: findings.map(({ network, what, remedy }) => ({ Network: network, What: what, Remedy: remedy })),
    Networks: facts.networks.map(({ id, name, isJoined, endpoints, paths }) => ({
      ...{ ID: id, Name: name, Joined: isJoined, Endpoints: endpoints.length },
      Paths: paths.map((path) => ({ Host: path.node.name, ...pathView(path, name) })),
    })),
    Store: storeView(facts.status),
  }
}
