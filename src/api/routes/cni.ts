import { EngineError } from '../../base/errors.ts'
import type { Engine } from '../../engine/engine.ts'
import { type CniCall, type CniResult, cniSchema } from '../../protocol/cni.ts'
import { bodyOf } from '../bodies.ts'
import { cniContainer, cniNetwork, cniWish, expectedAddresses, validAttachments } from '../checks/cni-wish.ts'
import type { Routes } from '../parts.ts'
import { cniResult } from '../views/cni-result.ts'

/** `POST /wharf/cni`: what `wharf-cni` was called with; containers of other engines on our networks. */
export const cniRoutes: Routes = (app, { engine }) => {
  app.post('/wharf/cni', async (request, reply) => {
    const result = await perform(engine, bodyOf<CniCall>(request, cniSchema) ?? { Command: '' })
    return result ?? reply.code(204).send()
  })
}

async function perform({ networks, containers }: Engine, call: CniCall): Promise<CniResult | undefined> {
  const { foreign } = networks
  switch (call.Command) {
    case 'ADD': {
      const wish = cniWish(call)
      if (containers.list().some(({ id }) => id === wish.containerId)) {
        throw new EngineError(
          'conflict',
          `Cannot attach container "${wish.containerId}": it is one of this engine's own`,
        )
      }
      return cniResult(await foreign.attach(wish), call)
    }
    case 'DEL': {
      const { containerId, interfaceName } = cniContainer(call)
      await foreign.detach(containerId, interfaceName)
      return undefined
    }
    case 'CHECK': {
      check(networks, call)
      return undefined
    }
    case 'STATUS': {
      networks.find(cniNetwork(call).network)
      return undefined
    }
    case 'GC': {
      const { network, owner } = cniNetwork(call)
      const valid = new Set(validAttachments(call).map(keyOf))
      await foreign.collect(network, owner, (containerId, interfaceName) =>
        valid.has(keyOf({ containerId, interfaceName })),
      )
      return undefined
    }
    default:
      throw new EngineError('invalid-argument', `CNI_COMMAND ${JSON.stringify(call.Command)} is none that Wharf knows`)
  }
}

/** @throws {EngineError} `conflict` with everything that is otherwise than ADD made it */
function check({ foreign }: Engine['networks'], call: CniCall): void {
  const { containerId, interfaceName } = cniContainer(call)
  const problems = foreign.check(containerId, interfaceName, expectedAddresses(call, interfaceName))
  if (problems.length === 0) return
  throw new EngineError('conflict', `container "${containerId}" is not as it was attached: ${problems.join(', ')}`)
}

function keyOf({
  containerId,
  interfaceName,
}: {
  readonly containerId: string
  readonly interfaceName: string
}): string {
  return `${containerId} ${interfaceName}`
}
