import fc from 'fast-check'
import { type Container, changed, end, type Model, numbered } from '../model.ts'
import { type Operation, type Prediction, prefixed, reasons } from '../operation.ts'
import { started } from '../restarts.ts'
import { startRefusals } from '../sandboxes.ts'
import { anyContainer, containerNames } from './names.ts'

interface Verb {
  readonly name: string
  readonly words: string
  readonly request: Operation['request']
  readonly says?: string
}

/** An operation on one container, which may not be there. @param says  before what went wrong when it is not */
function verb(
  { name, words, request, says }: Verb,
  predict: (model: Model, number: number, container: Container) => Prediction,
  pairs = true,
): Operation {
  return {
    text: `${words} ${name}`,
    pairs,
    request,
    predict(model) {
      const [number, container] = numbered(model, name) ?? []
      if (number === undefined || container === undefined) {
        const missing = reasons([true, 404, `No such container: ${name}`])
        return { refusals: says === undefined ? missing : prefixed(says, missing), status: 0, next: model }
      }
      return predict(model, number, container)
    },
  }
}

const post = (path: string) => ({ method: 'POST', path }) as const

function ended(model: Model, number: number): Model {
  return changed(model, (draft) => {
    end(draft, number)
    draft.containers[number]!.isStopped = true
  })
}

export const startContainer: fc.Arbitrary<Operation> = anyContainer.map(startNamed)

export function startNamed(name: string): Operation {
  return verb({ name, words: 'start', request: post(`/containers/${name}/start`) }, (model, number, container) => {
    if (container.status === 'running') return { refusals: [], status: 304, next: model }
    return { refusals: startRefusals(model, container), status: 204, next: started(model, number) }
  })
}

export const stopContainer: fc.Arbitrary<Operation> = anyContainer.map((name) => ({
  ...verb({ name, words: 'stop', request: post(`/containers/${name}/stop?t=0`) }, (model, number, { status }) => {
    if (status !== 'running') return { refusals: [], status: 304, next: model }
    return { refusals: [], status: 204, next: ended(model, number), halfway: [ended(model, number)] }
  }),
  overlaps: true,
}))

export const killContainer: fc.Arbitrary<Operation> = anyContainer.map((name) => {
  const says = `cannot kill container: ${name}`
  const request = post(`/containers/${name}/kill`)
  return {
    ...verb({ name, words: 'kill', request, says }, (model, number, { status }) => ({
      refusals: prefixed(says, reasons([status !== 'running', 409, /^container [0-9a-f]{64} is not running$/])),
      status: 204,
      next: ended(model, number),
      halfway: [ended(model, number)],
    })),
    overlaps: true,
  }
})

export const restartContainer: fc.Arbitrary<Operation> = anyContainer.map((name) =>
  verb(
    { name, words: 'restart', request: post(`/containers/${name}/restart?t=0`) },
    (model, number, { status }) => {
      const stopped = status === 'running' ? ended(model, number) : model
      const why = startRefusals(stopped, stopped.containers[number]!)
      const refusals = prefixed(`Cannot restart container ${name}`, why, 500)
      return { refusals, status: 204, next: started(stopped, number), refused: stopped, halfway: [stopped] }
    },
    false,
  ),
)

export const removeContainer: fc.Arbitrary<Operation> = fc
  .tuple(anyContainer, fc.boolean(), fc.boolean())
  .map(([name, force, withVolumes]) =>
    verb(
      {
        name,
        words: `rm${force ? ' -f' : ''}${withVolumes ? ' -v' : ''}`,
        request: { method: 'DELETE', path: `/containers/${name}?force=${force}&v=${withVolumes}` },
      },
      (model, number, { status }) => {
        const stopped = status === 'running' ? ended(model, number) : model
        const running = `cannot remove container "${name}": container is running: stop the container before removing or force remove`
        return {
          refusals: reasons([status === 'running' && !force, 409, running]),
          status: 204,
          next: removed(stopped, number, withVolumes),
          halfway: force ? [stopped] : [],
        }
      },
    ),
  )

/** Without a container, and without its anonymous volumes if they are to go with it. */
function removed(model: Model, number: number, withVolumes: boolean): Model {
  return changed(model, ({ containers, volumes }) => {
    const own = Object.values(containers[number]!.volumes)
    delete containers[number]
    for (const one of withVolumes ? own : []) if (volumes[one]!.anonymous) delete volumes[one]
  })
}

export const renameContainer: fc.Arbitrary<Operation> = fc
  .tuple(anyContainer, fc.constantFrom(...containerNames))
  .map(([name, to]) => ({
    ...verb(
      { name, words: `rename to ${to}`, request: post(`/containers/${name}/rename?name=${to}`) },
      (model, number) => ({
        refusals: reasons(
          [name === to, 400, 'Renaming a container with the same name as its current name'],
          [
            name !== to && numbered(model, to) !== undefined,
            409,
            /^Error when allocating new name: Conflict\. The container name "\/\w+" is already/,
          ],
        ),
        status: 204,
        next: changed(model, ({ containers }) => {
          containers[number]!.name = to
        }),
      }),
    ),
    overlaps: true,
  }))
