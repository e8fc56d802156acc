import { EngineError } from '../../base/errors.ts'
import type { NetworkRecord } from '../model.ts'
import type { NetworkTable } from '../network-table.ts'
import type { NetworkRequest } from '../networking.ts'

/** What a template shows as its driver: it has none. */
export const templateDriver = 'null'

/** Docker's words for settings that no template can have. */
export const templateRefusal =
  'configuration network can only contain network specific fields. Network operator fields like [ ingress | internal | attachable | scope ] are not supported.'

/**
 * Refuses what no template can have.
 *
 * @throws {EngineError} `forbidden` with Docker's words
 */
export function checkTemplate({ internal, attachable, configFrom }: NetworkRequest): void {
  if (internal || attachable) {
    throw new EngineError('forbidden', templateRefusal)
  }
  if (configFrom !== undefined) {
    throw new EngineError('forbidden', 'a configuration network cannot depend on another configuration network')
  }
}

/**
 * Fills a request that names a template with what the template says.
 *
 * @throws {EngineError} `not-found`, or `forbidden` for a request that says something itself; Docker's words
 */
export function withTemplate(request: NetworkRequest, table: Pick<NetworkTable, 'networkNamed'>): NetworkRequest {
  const { configFrom } = request
  if (configFrom === undefined) return request
  const refuse = (what: string): never => {
    throw new EngineError('forbidden', `${what} are not supported if the network depends on a configuration network`)
  }
  if (saysSomething(request)) refuse('user-specified configurations')
  if (Object.keys(request.options).length > 0) refuse('network driver options')
  const template = table.networkNamed(configFrom)
  if (template?.template === undefined) {
    throw new EngineError('not-found', `configuration network ${JSON.stringify(configFrom)} does not exist`)
  }
  const { enableIPv4, enableIPv6, ipam, options, labels } = template
  return {
    ...request,
    ...{ enableIPv4, enableIPv6, options, labels },
    ...{ ipamDriver: ipam.driver, ipamOptions: ipam.options, ipamConfigs: template.template.ipamConfigs },
  }
}

/** @throws {EngineError} `forbidden`, with Docker's words, while another network was made from it */
export function checkTemplateFree(record: NetworkRecord, table: Pick<NetworkTable, 'networks'>): void {
  if (record.template === undefined) return
  if (table.networks().every(({ configFrom }) => configFrom !== record.name)) return
  throw new EngineError('forbidden', `configuration network ${JSON.stringify(record.name)} is in use`)
}

function saysSomething(request: NetworkRequest): boolean {
  const { ipamDriver, ipamOptions, ipamConfigs, enableIPv4, enableIPv6, labels } = request
  const said = [ipamOptions, labels].some((values) => Object.keys(values).length > 0)
  return ipamDriver !== 'default' || !enableIPv4 || enableIPv6 || said || ipamConfigs.length > 0
}
