import { EngineError } from '../../base/errors.ts'
import type { ContainerRecord } from '../../container/model.ts'
import type { PublishedPort } from '../../network/model.ts'
import { anyOf, type Filters, hasLabels, matchesPattern, truthOf } from '../filters.ts'
import { mountPoints } from '../views/mounts.ts'
import { containsPort, parsePortFilter } from './port-filter.ts'

/** The filters that `/containers/json` takes. */
export const containerFilterNames = [
  'id',
  'name',
  'label',
  'status',
  'ancestor',
  'network',
  'exited',
  'before',
  'since',
  'publish',
  'expose',
  'health',
  'volume',
  'is-task',
  'isolation',
]

const statuses = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']

const healths = ['none', 'starting', 'healthy', 'unhealthy']

/** What filters look up besides the records. */
export interface FilterContext {
  publishedPorts(id: string): readonly PublishedPort[]
  /** Id of a network by its name. */
  networkId(name: string): string | undefined
  /** Ids of the image that a reference means, and of those that were made from it; none when there is no such image. */
  descendants(reference: string): readonly string[]
  /** Place of a container in the order of creation. @throws {EngineError} `not-found` */
  position(ref: string): number
}

type Test = (record: ContainerRecord) => boolean

/**
 * The test that a list's filters make together.
 *
 * @throws {EngineError} `invalid-argument` for values that no container can have
 */
export function containerFilter(filters: Filters, context: FilterContext): Test {
  for (const status of filters.get('status') ?? []) oneOf('status', status, { what: 'state', allowed: statuses })
  for (const health of filters.get('health') ?? []) oneOf('health', health, { what: 'health', allowed: healths })
  for (const code of filters.get('exited') ?? []) {
    if (!/^[+-]?\d+$/.test(code)) {
      const why = `strconv.Atoi: parsing ${JSON.stringify(code)}: invalid syntax`
      throw new EngineError('invalid-argument', `invalid filter 'exited=${code}': ${why}`)
    }
  }
  const tests = [...plainTests(filters), ...lookedUpTests(filters, context)]
  return (record) => tests.every((test) => test(record))
}

function plainTests(filters: Filters): Test[] {
  const any = (name: string, matches: (wanted: string, record: ContainerRecord) => boolean): Test[] =>
    filters.has(name) ? [(record) => anyOf(filters, name, (wanted) => matches(wanted, record))] : []
  return [
    ...any('id', (wanted, { id }) => wanted !== '' && id.startsWith(wanted)),
    ...any('name', (wanted, { name }) => matchesPattern(wanted, name) || matchesPattern(wanted, `/${name}`)),
    ({ config }) => hasLabels(filters, 'label', config.Labels ?? {}),
    ...any('status', (wanted, { state }) => wanted === state.status),
    ...any('exited', (wanted, { state }) => state.status === 'exited' && state.exitCode === Number(wanted)),
    ...any('volume', (wanted, record) =>
      mountPoints(record).some(({ Name, Source, Destination }) => [Name ?? Source, Destination].includes(wanted)),
    ),
    ...any('health', (wanted, { state }) => wanted === (state.health?.status ?? 'none')),
    ...(truthOf(filters, 'is-task') === true ? [() => false] : []), // there are no services
  ]
}

function lookedUpTests(filters: Filters, context: FilterContext): Test[] {
  const { networkId, position, publishedPorts } = context
  const values = (name: string) => filters.get(name) ?? []
  const tests: Test[] = []
  const images = new Set(values('ancestor').flatMap((reference) => context.descendants(reference)))
  if (filters.has('ancestor')) tests.push((record) => images.has(record.imageId))
  const networks = values('network')
  if (networks.length > 0) {
    tests.push((record) =>
      Object.keys(record.networks).some((name) => networks.includes(name) || networks.includes(networkId(name) ?? '')),
    )
  }
  for (const before of values('before').map(position)) tests.push(({ id }) => position(id) < before)
  for (const since of values('since').map(position)) tests.push(({ id }) => position(id) > since)
  const published = values('publish').map((text) => parsePortFilter('publish', text))
  if (published.length > 0) {
    tests.push(({ id }) =>
      publishedPorts(id).some(({ hostPort, containerPort, protocol }) =>
        published.some(
          (range) => containsPort(range, hostPort, protocol) || containsPort(range, containerPort, protocol),
        ),
      ),
    )
  }
  const exposed = values('expose').map((text) => parsePortFilter('expose', text))
  if (exposed.length > 0) {
    tests.push(({ config }) =>
      Object.keys(config.ExposedPorts ?? {}).some((key) => {
        const [port, protocol = 'tcp'] = key.split('/')
        return exposed.some((range) => containsPort(range, Number(port), protocol))
      }),
    )
  }
  return tests
}

function oneOf(
  name: string,
  value: string,
  { what, allowed }: { readonly what: string; readonly allowed: readonly string[] },
): void {
  if (allowed.includes(value)) return
  const why = `invalid value for ${what} (${value}): must be one of ${allowed.join(', ')}`
  throw new EngineError('invalid-argument', `invalid filter '${name}=${value}': ${why}`)
}
