import type { KeyRotation, OverlayReport } from '../protocol/overlay.ts'
import type { Transport } from './transport.ts'

/** Begins to change the key of an encrypted network. @param network name or id */
export function rotateKey(transport: Transport, network: string): Promise<KeyRotation> {
  return transport.json({ method: 'POST', path: '/wharf/overlay/rotate-key', query: { network } })
}

/** What differs on networks that hosts share. @param network name or id; empty: all */
export function examineOverlay(transport: Transport, network: string): Promise<OverlayReport> {
  return transport.json({ method: 'GET', path: '/wharf/overlay/doctor', query: network === '' ? {} : { network } })
}
