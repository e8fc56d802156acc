import { setTimeout as delay } from 'node:timers/promises'
import type fc from 'fast-check'
import type { Model } from './model.ts'
import { type Answer, mismatch, type Operation, outcome } from './operation.ts'
import type { State } from './state.ts'

/** What fast-check runs: the model that it hands round is in the state, because it holds what the engine chose. */
export type Step = fc.AsyncCommand<object, State>

/** How often each kind of step was fulfilled and refused, so that a reader sees what a run has covered. */
export const tally = new Map<string, { done: number; refused: number }>()

function count(text: string, isDone: boolean): void {
  const kind = /^(kill -9 of the \w+|network \w+|port \w+|[a-z]+)/.exec(text)?.[1] ?? text
  const counts = tally.get(kind) ?? { done: 0, refused: 0 }
  counts[isDone ? 'done' : 'refused']++
  tally.set(kind, counts)
}

/** A step that is always possible. */
export function step(text: string, run: (state: State) => Promise<void>, isPossible?: (model: Model) => boolean): Step {
  return {
    check: () => true,
    toString: () => text,
    async run(_, state) {
      if (isPossible?.(state.model) === false) return
      try {
        await run(state)
        if (isPossible !== undefined) count(text.replace(/^(kit|lou|max) /, ''), true)
      } catch (error) {
        throw new Error(`${text}:\n${(error as Error).message}`, { cause: error })
      }
    },
  }
}

/** One request: its answer and all that follows from it. */
export function single(operation: Operation): Step {
  return step(operation.text, async (state) => {
    const prediction = operation.predict(state.model)
    const answer = await answered(state, operation)
    const wrong = mismatch(answer, prediction)
    if (wrong !== undefined) throw new Error(wrong)
    count(operation.text, prediction.refusals.length === 0)
    if (prediction.refusals.length === 0) prediction.sees?.(answer.body)
    await state.settle([outcome(state.model, prediction)])
  })
}

/** Two requests at once: what comes of them is what comes of them one after the other, in either order. */
export function pair(one: Operation, other: Operation): Step {
  const text = `at once: ${one.text} | ${other.text}`
  return step(text, async (state) => {
    const { model } = state
    const answers = await Promise.all([one, other].map((operation) => answered(state, operation)))
    const orders = [inOrder(model, [one, other], answers), inOrder(model, [other, one], answers.toReversed())]
    const possible = orders.filter((order) => typeof order !== 'string')
    if (possible.length === 0) throw new Error(`in one order: ${orders[0]}\nin the other: ${orders[1]}`)
    await state.settle(possible)
  })
}

/** @returns the model after both, or why the answers are not those of this order */
function inOrder(before: Model, operations: readonly Operation[], answers: readonly Answer[]): Model | string {
  let model = before
  for (const [i, operation] of operations.entries()) {
    const prediction = operation.predict(model)
    const wrong = mismatch(answers[i]!, prediction)
    if (wrong !== undefined) return `${operation.text}: ${wrong}`
    model = outcome(model, prediction)
  }
  return model
}

/** The daemon is killed in the middle of a request: it was done, or not, or it ended in a state that it passes. */
export function crashDuring(operation: Operation, afterMs: number): Step {
  return step(`kill -9 of the daemon ${afterMs} ms into: ${operation.text}`, async (state) => {
    const { world, model } = state
    const prediction = operation.predict(model)
    const asked = world.ask(operation.request)
    await delay(afterMs)
    await world.daemon.kill9()
    const answer = await asked
    await world.daemon.start()
    const after = outcome(model, prediction)
    const wrong = answer && mismatch(answer, prediction)
    if (wrong !== undefined) throw new Error(wrong)
    await state.settle(answer === undefined ? [after, model, ...(prediction.halfway ?? [])] : [after])
  })
}

async function answered({ world }: State, { request }: Operation): Promise<Answer> {
  const answer = await world.ask(request)
  if (answer === undefined) throw new Error(`no answer: the daemon has died\n${world.daemon.log.slice(-4000)}`)
  return answer
}
