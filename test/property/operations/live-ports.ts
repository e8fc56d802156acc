import fc from 'fast-check'
import { type Binding, type Container, changed, isJoiner, numbered } from '../model.ts'
import { type Operation, type Refusal, reasons } from '../operation.ts'
import { boundOfOthers, portRefusals } from '../ports.ts'
import { publishes } from '../sandboxes.ts'
import { binding, bindingsBody } from './create-container.ts'
import { anyContainer } from './names.ts'

/** `wharf port add`. */
export const publish: fc.Arbitrary<Operation> = fc.tuple(anyContainer, binding).map(([name, asked]) => ({
  text: `port add ${name} ${JSON.stringify(asked)}`,
  pairs: false,
  request: { method: 'POST', path: `/wharf/containers/${name}/ports`, body: { PortBindings: bindingsBody([asked]) } },
  predict: (model) => {
    const [number, container] = numbered(model, name) ?? []
    if (number === undefined || container === undefined) return noContainer(model, name)
    const { sandbox } = container
    const isOut = publishes(model, container)
    return {
      refusals: [
        ...modeRefusals(container),
        ...reasons([
          container.mode === 'own' && sandbox !== undefined && !isOut,
          409,
          `Cannot publish ports of container "${name}": none of its networks leads outside`,
        ]),
        ...(sandbox === undefined ? waitingRefusals(container, asked) : []),
        ...(isOut ? portRefusals(name, [asked], [...boundOfOthers(model, name), ...(sandbox?.bound ?? [])]) : []),
      ],
      status: 200,
      next: changed(model, ({ containers }) => {
        const draft = containers[number]!
        draft.ports.push(asked)
        delete draft.sandbox?.bound
      }),
    }
  },
}))

/** `wharf port rm`. */
export const unpublish: fc.Arbitrary<Operation> = fc
  .tuple(anyContainer, fc.constantFrom('80/tcp', '81/tcp', '53/udp'))
  .map(([name, port]) => ({
    text: `port rm ${name} ${port}`,
    pairs: false,
    request: { method: 'DELETE', path: `/wharf/containers/${name}/ports/${port}` },
    predict: (model) => {
      const [number, container] = numbered(model, name) ?? []
      if (number === undefined || container === undefined) return noContainer(model, name)
      return {
        refusals: [
          ...modeRefusals(container),
          ...reasons([
            container.ports.every((one) => one.port !== port),
            404,
            `Cannot unpublish "${port}" of container "${name}": not published`,
          ]),
        ],
        status: 204,
        next: changed(model, ({ containers }) => {
          const draft = containers[number]!
          draft.ports = draft.ports.filter((one) => one.port !== port)
          delete draft.sandbox?.bound
        }),
      }
    },
  }))

/** What waits for the next start must not clash with itself. */
function waitingRefusals({ ports }: Container, { port, ip, host }: Binding): Refusal[] {
  const isFixed = host !== '' && !host.includes('-')
  const isSame = (other: Binding) => {
    const isNear = ip === '' || other.ip === '' || ip === other.ip
    return other.host === host && other.port.split('/')[1] === port.split('/')[1] && isNear
  }
  const says = new RegExp(`^Bind for \\S+:${host} failed: port is already allocated$`)
  return reasons([isFixed && ports.some(isSame), 500, says])
}

function noContainer(model: Parameters<Operation['predict']>[0], name: string): ReturnType<Operation['predict']> {
  return { refusals: reasons([true, 404, `No such container: ${name}`]), status: 0, next: model }
}

function modeRefusals(container: Container): Refusal[] {
  const { name, mode, wishes } = container
  const cannot = `Cannot change the published ports of container "${name}": `
  return reasons(
    [mode === 'host', 400, `${cannot}it has the network of the host, where every port is open`],
    [
      isJoiner(container),
      400,
      `${cannot}it shares the network of another container, whose ports are to be published instead`,
    ],
    ['none' in wishes, 400, `${cannot}it is on no network`],
  )
}
