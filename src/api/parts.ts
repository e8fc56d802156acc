import type { FastifyInstance } from 'fastify'
import type { Log } from '../base/log.ts'
import type { Engine } from '../engine/engine.ts'
import type { ApiMeters } from './meters.ts'
import type { Upgrades } from './streams/upgrades.ts'

/** What the routes are made of. */
export interface ApiParts {
  readonly engine: Engine
  readonly log: Log
  readonly upgrades: Upgrades
  readonly meters: ApiMeters
}

/** Adds the routes of one resource. */
export type Routes = (app: FastifyInstance, parts: ApiParts) => void

declare module 'fastify' {
  interface FastifyRequest {
    /** The version of the API that the client speaks: `"1.51"`. */
    apiVersion: string
  }
}
