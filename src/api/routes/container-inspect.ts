import { EngineError } from '../../base/errors.ts'
import type { TopAnswer } from '../../protocol/answers.ts'
import type { Routes } from '../parts.ts'
import { flagOf, integerOf, type Query, textOf } from '../query.ts'
import { containerInspect } from '../views/container-inspect.ts'
import { containerSizes, networkIds } from './look-ups.ts'

interface ContainerRoute {
  readonly Params: { readonly id: string }
  readonly Querystring: Query
}

/** Inspect, top and resize. @source Docker Engine API v1.51, Container */
export const containerInspectRoutes: Routes = (app, { engine }) => {
  const { containers, networks } = engine
  app.get<ContainerRoute>('/containers/:id/json', async ({ params, query, apiVersion }) => {
    const record = containers.find(params.id)
    const view = containerInspect(record, {
      version: apiVersion,
      paths: containers.pathsOf(record.id),
      sandbox: networks.sandboxOf(record.id),
      execIds: containers.execsOf(record.id),
      networkId: networkIds(engine),
      nameOf: (id) => containers.list().find((one) => one.id === id)?.name,
    })
    return flagOf(query, 'size') ? { ...view, ...(await containerSizes(engine, record)) } : view
  })

  app.get<ContainerRoute>('/containers/:id/top', async ({ params, query }): Promise<TopAnswer> => {
    const { titles, processes } = await containers.top(params.id, textOf(query, 'ps_args') || '-ef')
    return { Titles: titles, Processes: processes }
  })

  app.post<ContainerRoute>('/containers/:id/resize', async ({ params, query }, reply) => {
    await containers.resize(params.id, terminalSize(query))
    return reply.code(200).send()
  })
}

/** The size in a query: `h` rows, `w` columns. @throws {EngineError} `invalid-argument` */
export function terminalSize(query: Query): { readonly rows: number; readonly columns: number } {
  const rows = integerOf(query, 'h')
  const columns = integerOf(query, 'w')
  const fits = (size: number | undefined): size is number => size !== undefined && size >= 0 && size <= 65_535
  if (!fits(rows) || !fits(columns)) {
    throw new EngineError('invalid-argument', 'invalid terminal size: "h" and "w" must be 0 to 65535')
  }
  return { rows, columns }
}
