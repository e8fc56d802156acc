import { hostname } from 'node:os'
import type { ContainerRecord } from '../container/model.ts'
import type { NetworkEvent } from '../network/networking.ts'
import type { EngineConfig } from './config.ts'
import type { Option } from './options/option.ts'
import { options } from './options/options.ts'

type Attributes = Readonly<Record<string, string>>

/** What an event tells of its container: labels, image and name. @source Docker Engine API v1.51, SystemEvents */
export function containerAttributes(
  { config, imageReference, name }: ContainerRecord,
  more: Attributes = {},
): Attributes {
  return { ...config.Labels, image: imageReference, name, ...more }
}

/** What an event tells of its network: name, driver as `type`, and the container it is about. */
export function networkAttributes({ network, containerId, attributes }: NetworkEvent): Attributes {
  return {
    ...attributes,
    ...(containerId === undefined ? {} : { container: containerId }),
    name: network.name,
    type: network.driver,
  }
}

/** What an event tells of settings that were read again: the host's name, and every setting that may change, as JSON. */
export function reloadAttributes(config: EngineConfig): Attributes {
  const settings = Object.entries<Option<unknown>>(options).flatMap(([name, { key, reloadable }]) => {
    const value = config[name as keyof EngineConfig]
    return reloadable ? [[key, typeof value === 'string' ? value : JSON.stringify(value)] as const] : []
  })
  return { ...Object.fromEntries(settings), name: hostname() }
}
