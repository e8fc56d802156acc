import fc from 'fast-check'
import { type Container, changed, containerNamed, isJoiner, type Model, numbered, type Wish } from '../model.ts'
import { noNetwork, type Operation, type Refusal, reasons } from '../operation.ts'
import { boundOfOthers, portRefusals } from '../ports.ts'
import { placeRefusals, publishes, wishRefusals } from '../sandboxes.ts'
import { wish, wishBody } from './create-container.ts'
import { anyContainer, anyNetwork } from './names.ts'

/** `network connect`. */
export const connect: fc.Arbitrary<Operation> = fc
  .tuple(anyNetwork, anyContainer, wish)
  .map(([network, name, asked]) => ({
    text: `network connect ${network} ${name} ${JSON.stringify(asked)}`,
    pairs: asked.ip === undefined,
    request: {
      method: 'POST',
      path: `/networks/${network}/connect`,
      body: { Container: name, EndpointConfig: wishBody(asked) },
    },
    predict: (model) => {
      const next = changed(model, (draft) => {
        const [, container] = numbered(draft, name) ?? []
        if (container !== undefined) plug(draft, container, network, asked)
      })
      return { refusals: connectRefusals(model, next, network, name, asked), status: 200, next }
    },
  }))

function plug(model: Model, container: Container, network: string, asked: Wish): void {
  const published = publishes(model, container)
  container.wishes = { ...container.wishes, [network]: asked }
  if (container.sandbox === undefined) return
  container.sandbox.endpoints[network] = {}
  if (!publishes(model, container)) container.sandbox.bound = []
  else if (!published) delete container.sandbox.bound
}

function connectRefusals(model: Model, next: Model, network: string, name: string, asked: Wish): Refusal[] {
  const [, container] = numbered(model, name) ?? []
  const missing = [
    ...noNetwork(model, network),
    ...reasons([container === undefined, 404, `No such container: ${name}`]),
  ]
  if (container === undefined || missing.length > 0) return missing
  const { mode, sandbox } = container
  const others = Object.keys(container.wishes).filter((other) => other !== network)
  const isOn = sandbox !== undefined && network in sandbox.endpoints
  const isShared = isJoiner(container) || (mode === 'host' && network !== 'host')
  return [
    ...reasons(
      [
        isShared,
        400,
        'container sharing network namespace with another container or host cannot be connected to any other network',
      ],
      [
        network === 'host',
        400,
        'cannot connect container to host network - container must be created in host network mode',
      ],
      [
        (network === 'none' && others.length > 0) || others.includes('none'),
        400,
        'container cannot be connected to multiple networks with one of the networks in private (none) mode',
      ],
      [isOn, 403, `endpoint with name ${name} already exists in network ${network}`],
    ),
    ...wishRefusals(model, network, asked),
    ...(sandbox === undefined || isOn ? [] : placeRefusals(model, network, asked)),
    ...newPortRefusals(model, next, container),
  ]
}

/** Ports that were waiting for a way out, and cannot be had now that there is one. */
function newPortRefusals(model: Model, next: Model, container: Container): Refusal[] {
  const { name, ports, sandbox } = container
  const isNewlyOut =
    sandbox !== undefined && !publishes(model, container) && publishes(next, containerNamed(next, name))
  return isNewlyOut ? portRefusals(name, ports, boundOfOthers(model, name)) : []
}

/** `network disconnect`. */
export const disconnect: fc.Arbitrary<Operation> = fc
  .tuple(anyNetwork, anyContainer, fc.boolean())
  .map(([network, name, force]) => ({
    text: `network disconnect ${force ? '-f ' : ''}${network} ${name}`,
    pairs: true,
    request: { method: 'POST', path: `/networks/${network}/disconnect`, body: { Container: name, Force: force } },
    predict: (model) => {
      const next = changed(model, (draft) => {
        const [, container] = numbered(draft, name) ?? []
        if (container !== undefined) unplug(draft, container, network)
      })
      return { refusals: disconnectRefusals(model, next, network, name), status: 200, next }
    },
  }))

function unplug(model: Model, container: Container, network: string): void {
  const { [network]: _, ...wishes } = container.wishes
  container.wishes = wishes
  if (container.sandbox === undefined) return
  const published = publishes(model, container)
  delete container.sandbox.endpoints[network]
  if (!publishes(model, container)) container.sandbox.bound = []
  else if (!published) delete container.sandbox.bound
}

function disconnectRefusals(model: Model, next: Model, network: string, name: string): Refusal[] {
  const [, container] = numbered(model, name) ?? []
  const missing = reasons([
    container === undefined,
    404,
    new RegExp(`^(No such container: ${name}|endpoint ${name} not found)$`),
  ])
  if (container === undefined) return [...noNetwork(model, network), ...missing]
  const isHost = container.mode === 'host' && network === 'host'
  // A container that does not run can leave a network that is gone.
  if (!isHost && container.status !== 'running' && network in container.wishes) return []
  const which = container.status === 'running' ? 'network' : 'the network'
  return [
    ...noNetwork(model, network),
    ...reasons(
      [isHost, 400, 'cannot disconnect container from host network - container was created in host network mode'],
      [
        !isHost && !(network in container.wishes),
        500,
        new RegExp(`^container [0-9a-f]{64} is not connected to ${which} ${network}$`),
      ],
    ),
    ...newPortRefusals(model, next, container),
  ]
}
