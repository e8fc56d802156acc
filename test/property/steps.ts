import { setTimeout as delay } from 'node:timers/promises'
import type fc from 'fast-check'
import type { Model } from './model.ts'
import { type Answer, mismatch, type Operation, outcome } from './operation.ts'
import type { Intent } from './operations/likely.ts'
import { booted } from './restarts.ts'
import type { State } from './state.ts'
import { count } from './tally.ts'

/** What fast-check runs: the model that it hands round is in the state, because it holds what the engine chose. */
export type Step = fc.AsyncCommand<object, State>

/**
 * A step that is always possible.
 *
 * @param text  how it is told; what it comes to when its time comes is told by `state.tell`
 */
export function step(text: string, run: (state: State) => Promise<void>): Step {
  return {
    check: () => true,
    toString: () => text,
    async run(_, state) {
      state.tell(text)
      await run(state)
    },
  }
}

/** One request: its answer and all that follows from it. */
export function single(intent: Intent): Step {
  return step('request', async (state) => {
    const operation = intent(state.model)
    state.tell(operation.text, true)
    const prediction = operation.predict(state.model)
    const answer = await answered(state, operation)
    const wrong = mismatch(answer, prediction)
    if (wrong !== undefined) throw new Error(wrong)
    const isFulfilled = prediction.refusals.length === 0
    count(operation.text, isFulfilled)
    if (isFulfilled) prediction.sees?.(answer.body)
    await state.settle([outcome(state.model, prediction)])
  })
}

/** Two requests at once: what comes of them is what comes of them one after the other, in either order. */
export function pair(...intents: readonly [Intent, Intent]): Step {
  return step('two requests', async (state) => {
    const { model } = state
    const [one, other] = intents.map((intent) => intent(model)) as [Operation, Operation]
    state.tell(`at once: ${one.text} | ${other.text}`, true)
    const answers = await Promise.all([one, other].map((operation) => answered(state, operation)))
    const orders = [inOrder(model, [one, other], answers), inOrder(model, [other, one], answers.toReversed())]
    const possible = orders.filter((order) => typeof order !== 'string')
    if (possible.length === 0) throw new Error(`in one order: ${orders[0]}\nin the other: ${orders[1]}`)
    count('at once', true)
    await state.settle(possible)
  })
}

/** @returns the model after both, or why the answers are not those of this order */
function inOrder(before: Model, operations: readonly Operation[], answers: readonly Answer[]): Model | string {
  let model = before
  for (const [i, operation] of operations.entries()) {
    const prediction = operation.predict(model)
    const wrong = mismatch(answers[i]!, prediction)
    const isOverlap = operation.overlaps === true && mismatch(answers[i]!, operation.predict(before)) === undefined
    if (wrong !== undefined && !isOverlap) return `${operation.text}: ${wrong}`
    model = outcome(model, prediction)
  }
  return model
}

/** The daemon is killed in the middle of a request: it was done, or not, or it ended in a state that it passes. */
export function crashDuring(intent: Intent, afterMs: number): Step {
  return step('crash in a request', async (state) => {
    const { world, model } = state
    const operation = intent(model)
    state.tell(`kill -9 of the daemon ${afterMs} ms into: ${operation.text}`, true)
    const prediction = operation.predict(model)
    const asked = world.ask(operation.request)
    await delay(afterMs)
    await world.daemon.kill9()
    const answer = await asked
    await world.daemon.start()
    const after = outcome(model, prediction)
    const wrong = answer && mismatch(answer, prediction)
    if (wrong !== undefined) throw new Error(wrong)
    count('crash in a request', answer === undefined)
    const halfway = answer === undefined ? (prediction.halfway ?? []) : []
    await state.settle([
      booted(after),
      ...(answer === undefined ? [booted(model)] : []),
      ...halfway.map(booted),
      ...halfway,
    ])
  })
}

async function answered({ world }: State, { request }: Operation): Promise<Answer> {
  const answer = await world.ask(request)
  if (answer === undefined) throw new Error(`no answer: the daemon has died\n${world.daemon.log.slice(-4000)}`)
  return answer
}
