import { inspectContainer } from '../../client/containers.ts'
import { ApiError } from '../../client/errors.ts'
import { inspectImage } from '../../client/images.ts'
import { inspectNetwork } from '../../client/networks.ts'
import type { Transport } from '../../client/transport.ts'
import { inspectVolume } from '../../client/volumes.ts'
import type { Command } from '../command.ts'
import { inspectWithReach } from '../container-reach.ts'
import { ExitError } from '../errors.ts'
import { formatFlag, reachFlag } from '../flags/common-flags.ts'
import { inspectObjects } from '../inspect-objects.ts'

/** `wharf inspect`. */
export const command: Command = {
  usage: '[OPTIONS] NAME|ID [NAME|ID...]',
  arguments: { min: 1 },
  flags: [
    formatFlag,
    reachFlag,
    { name: 'size', short: 's', kind: 'bool', help: 'Display total file sizes if the type is container' },
    { name: 'type', kind: 'string', help: 'Only inspect objects of the given type' },
  ],
  examples: ['wharf inspect web', "wharf inspect -f '{{json .NetworkSettings.Networks}}' web"],
  completes: 'container',
  run(context) {
    const type = context.flags.text('type')
    const one = fetchers[type]
    if (type !== '' && one === undefined) {
      throw new ExitError(
        1,
        `unknown type: ${JSON.stringify(type)}: must be one of "container", "image", "network", "volume"`,
      )
    }
    const size = context.flags.on('size')
    const wanted = one === undefined ? Object.values(fetchers) : [one]
    const asksReach = context.flags.on('reach')
    const kinds = wanted.map((kind) => (asksReach && kind === inspectContainer ? inspectWithReach : kind))
    return inspectObjects(context, (ref) => firstFound(kinds, context.transport, ref, size))
  },
}

type Fetcher = (transport: Transport, ref: string, size: boolean) => Promise<unknown>

/** In the order in which a name is looked for. */
const fetchers: Readonly<Record<string, Fetcher>> = {
  container: inspectContainer,
  image: inspectImage,
  network: (transport, ref) => inspectNetwork(transport, ref),
  volume: (transport, ref) => inspectVolume(transport, ref),
}

async function firstFound(
  kinds: readonly Fetcher[],
  transport: Transport,
  ref: string,
  size: boolean,
): Promise<unknown> {
  for (const fetch of kinds) {
    try {
      return await fetch(transport, ref, size)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404) || kinds.length === 1) throw error
    }
  }
  throw new ExitError(1, `Error: No such object: ${ref}`)
}
