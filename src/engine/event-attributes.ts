import type { ContainerRecord } from '../container/model.ts'
import type { NetworkEvent } from '../network/networking.ts'

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
