import type { RestartPolicy } from './container.ts'
import { type Limits, limitFields } from './limits.ts'
import { fields, integer, type Schema, text } from './schema.ts'

/** The body of `POST /containers/{id}/update`: what it does not name stays. @source Docker Engine API v1.51, ContainerUpdate */
export interface ContainerUpdateBody extends Limits {
  readonly RestartPolicy?: RestartPolicy
}

/** The answer: what this machine cannot limit. */
export interface ContainerUpdated {
  readonly Warnings: readonly string[] | null
}

/** @source Docker Engine API v1.51, ContainerUpdate */
export const containerUpdateSchema: Schema = fields({
  ...limitFields,
  RestartPolicy: fields({ Name: text, MaximumRetryCount: integer }),
})
