import { hostname } from 'node:os'
import { shortId } from '../../base/id.ts'
import type { ContainerRecord } from '../model.ts'

/** The name that a container calls its host: its own, or that of the machine whose network or name it shares. */
export function hostnameOf({ id, config, hostConfig }: Pick<ContainerRecord, 'id' | 'config' | 'hostConfig'>): string {
  if (config.Hostname) return config.Hostname
  return hostConfig.NetworkMode === 'host' || hostConfig.UTSMode === 'host' ? hostname() : shortId(id)
}
