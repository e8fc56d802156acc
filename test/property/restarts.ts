import { type Container, changed, end, isJoiner, type Model } from './model.ts'
import { opened, startRefusals } from './sandboxes.ts'

/** The model with a container that runs, as after a start that nothing was against. */
export function started(model: Model, number: number): Model {
  return changed(model, (draft) => {
    const { isStopped: _, ...container } = draft.containers[number]!
    draft.containers[number] = { ...opened(draft, container), status: 'running', restarts: 0 }
  })
}

/** The model after a container's process has died by itself: its restart policy says what follows. */
export function died(model: Model, number: number): Model {
  const ended = changed(model, (draft) => end(draft, number))
  const container = ended.containers[number]!
  if (container.policy === 'no' || startRefusals(ended, container).length > 0) return ended
  return changed(started(ended, number), ({ containers }) => {
    containers[number]!.restarts = container.restarts + 1
  })
}

/** The model after a start of the engine: containers that do not run are started when their restart policies say so. */
export function booted(model: Model): Model {
  return (
    Object.entries(model.containers)
      .filter(([, container]) => startsWithEngine(container))
      // Whose network others are to have comes before them.
      .sort(([, one], [, other]) => Number(isJoiner(one)) - Number(isJoiner(other)))
      .reduce((before, [key]) => {
        const number = Number(key)
        return startRefusals(before, before.containers[number]!).length > 0 ? before : started(before, number)
      }, model)
  )
}

/** One that never ran waits for its user; one that was stopped does, unless it is to run always. */
function startsWithEngine({ status, policy, isStopped }: Container): boolean {
  return status === 'exited' && policy !== 'no' && (policy === 'always' || isStopped !== true)
}
