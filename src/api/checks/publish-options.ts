import { EngineError } from '../../base/errors.ts'
import { parsePortRange, parsePortSpec } from '../../base/port-specs.ts'
import type { MeantPort } from '../../container/create/port-bindings.ts'
import type { PortBinding, PortKey } from '../../protocol/container.ts'

/** Driver options by which clients that know nothing of it publish and unpublish ports of a running container. */
const names = { publish: 'wharf.publish', unpublish: 'wharf.unpublish' } as const

/** What `docker network connect --driver-opt` asks for besides the network. */
export interface PublishOptions {
  readonly publish: Readonly<Record<PortKey, readonly PortBinding[]>>
  readonly unpublish: readonly MeantPort[]
}

/**
 * Reads `wharf.publish=8080:80,53:53/udp` and `wharf.unpublish=80/tcp,8080:80`, parted by commas or blanks.
 *
 * @returns undefined when neither is there
 * @throws {EngineError} `invalid-argument`
 */
export function publishOptions(
  options: Readonly<Record<string, string>> | null | undefined,
): PublishOptions | undefined {
  const { [names.publish]: published, [names.unpublish]: unpublished } = options ?? {}
  if (published === undefined && unpublished === undefined) return undefined
  const publish: Record<PortKey, PortBinding[]> = {}
  try {
    for (const { key, binding } of words(published).flatMap(parsePortSpec)) {
      publish[key] ??= []
      publish[key].push(binding)
    }
    const unpublish = words(unpublished).flatMap(parsePortSpec)
    return { publish, unpublish: unpublish.map(({ key, binding }) => ({ key, ...hostPortsOf(binding.HostPort) })) }
  } catch (cause) {
    throw new EngineError('invalid-argument', (cause as Error).message, { cause })
  }
}

function hostPortsOf(text: string): Pick<MeantPort, 'hostPorts'> {
  return text === '' ? {} : { hostPorts: parsePortRange(text, 'hostPort') }
}

function words(text = ''): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}
