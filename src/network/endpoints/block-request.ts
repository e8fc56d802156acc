import type { IpamConfig } from '../model.ts'

/** What a network is asked for with whose subnet may be cut into a block for each host. */
export interface BlockRequest {
  readonly options: Readonly<Record<string, string>>
  readonly enableIPv6: boolean
  readonly ipamConfigs: readonly Partial<IpamConfig>[]
}
