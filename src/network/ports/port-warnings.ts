import type { NetworkRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { PortWish } from '../networking.ts'

/**
 * Warns of published ports that mean nothing: all networks of the container are reached at its own address, by whoever
 * is on the same LAN. Docker says it in its log only.
 */
export function portWarnings(
  { registry }: Pick<NetworkParts, 'registry'>,
  networks: readonly NetworkRecord[],
  ports: readonly PortWish[],
): readonly string[] {
  if (ports.length === 0 || networks.length === 0) return []
  const isOnLan = networks.every(({ driver }) => {
    const { hasInterfaces, publishesPorts, providesGateway } = registry.driver(driver).traits
    return hasInterfaces && !publishesPorts && providesGateway
  })
  if (!isOnLan) return []
  const [{ driver, name } = { driver: '', name: '' }] = networks
  const where = `Every port of the container is reached at its own address on network ${name}.`
  return [`Published ports are discarded: the ${driver} driver does not support port mappings. ${where}`]
}
