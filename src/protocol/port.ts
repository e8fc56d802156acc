import type { PortBinding, PortKey } from './container.ts'
import { portBindingsSchema } from './container-schema.ts'
import { fields, type Schema } from './schema.ts'

/** The body of `POST /wharf/containers/{id}/ports`: what is to be published besides. */
export interface PublishBody {
  readonly PortBindings?: Readonly<Record<PortKey, readonly PortBinding[] | null>> | null
}

/** Checks `PublishBody`. */
export const publishSchema: Schema = fields({ PortBindings: portBindingsSchema })

/** The answer of `POST /wharf/containers/{id}/ports`: what was bound; empty for a container that does not run. */
export interface PublishAnswer {
  readonly Ports: Readonly<Record<PortKey, readonly PortBinding[] | null>>
}
