import type { PortBinding, PortKey } from './container.ts'
import { portBindingsSchema } from './container-schema.ts'
import { fields, type Schema } from './schema.ts'

/** The body of `POST /wharf/containers/{id}/ports`: what is to be published besides. */
export interface PublishBody {
  readonly PortBindings?: Readonly<Record<PortKey, readonly PortBinding[] | null>> | null
}

/** Checks `PublishBody`. */
export const publishSchema: Schema = fields({ PortBindings: portBindingsSchema })

/** From where one published port is reached, or a range of them. */
export interface PortReachView {
  /** `"80/tcp"`, `"8000-8010/udp"` */
  readonly Port: PortKey
  readonly HostIp: string
  /** `"8080"`, `"8000-8010"`; empty when the container's own address is reached. */
  readonly HostPort: string
  /** From this host itself. */
  readonly Host: boolean
  /** From containers on networks that are not internal. */
  readonly Containers: boolean
  /** Where other machines find it: `"192.0.2.1:8080"`; of a range, the first port. */
  readonly Outside: readonly string[]
  /** What narrows it down; empty: nothing does. */
  readonly Why: string
}

/** The answer of `GET /wharf/containers/{id}/ports`; empty for a container that does not run. */
export interface PortReachAnswer {
  readonly Ports: readonly PortReachView[]
}

/** The answer of `POST /wharf/containers/{id}/ports`: what was bound; empty for a container that does not run. */
export interface PublishAnswer {
  readonly Ports: Readonly<Record<PortKey, readonly PortBinding[] | null>>
}
