import type { OverlayReport } from '../protocol/overlay.ts'
import type { Transport } from './transport.ts'

/** What differs on networks that hosts share. @param network name or id; empty: all */
export function examineOverlay(transport: Transport, network: string): Promise<OverlayReport> {
  return transport.json({ method: 'GET', path: '/wharf/overlay/doctor', query: network === '' ? {} : { network } })
}
