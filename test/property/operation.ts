import type { Model } from './model.ts'

/** One request of the Docker Engine API. */
export interface Request {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Without the version. */
  readonly path: string
  readonly body?: unknown
}

/** What the engine said. */
export interface Answer {
  readonly status: number
  readonly body: any
}

/** A reason to refuse, in Docker's code and words. */
export interface Refusal {
  readonly status: number
  readonly says: string | RegExp
}

/** What an operation must come to. With several reasons to refuse it, any of them will do. */
export interface Prediction {
  readonly refusals: readonly Refusal[]
  /** The status when there is no reason to refuse. */
  readonly status: number
  /** The model when it is done. */
  readonly next: Model
  /** What else there may be when it is refused: a restart has stopped the container by then. */
  readonly refused?: Model
  /** States between before and after, in which a crash may leave it. */
  readonly halfway?: readonly Model[]
  /** Checks the answer itself. @throws {AssertionError} */
  readonly sees?: (body: any) => void
}

/** Something to ask of the engine, and what the model says to it. */
export interface Operation {
  /** How it is printed. */
  readonly text: string
  /** False: it may not run beside another, because its answer depends on what the engine chose for that one. */
  readonly pairs: boolean
  /** True: beside another it may be answered as if that had not begun: both found the container before one waited. */
  readonly overlaps?: boolean
  readonly request: Request
  predict(model: Model): Prediction
}

export const refusal = (status: number, says: string | RegExp): Refusal => ({ status, says })

/** A list of reasons, each with the condition under which it holds. */
export function reasons(...list: readonly (readonly [boolean, number, string | RegExp])[]): Refusal[] {
  return list.filter(([holds]) => holds).map(([, status, says]) => refusal(status, says))
}

/** The same refusals as somebody tells them who says first what was asked. @param status  instead of their own */
export function prefixed(words: string, refusals: readonly Refusal[], status?: number): Refusal[] {
  return refusals.map(({ says, ...own }) =>
    refusal(
      status ?? own.status,
      typeof says === 'string' ? `${words}: ${says}` : new RegExp(`^${words}: ${says.source.replace(/^\^/, '')}`),
    ),
  )
}

export function noNetwork(model: Model, name: string): Refusal[] {
  return reasons([!(name in model.networks), 404, `network ${name} not found`])
}

/** Why an answer is not the one that was predicted; undefined when it is. */
export function mismatch({ status, body }: Answer, { refusals, ...prediction }: Prediction): string | undefined {
  const said = `${status} ${JSON.stringify(body?.message ?? '')}`
  if (refusals.length === 0) return status === prediction.status ? undefined : `${said}, not ${prediction.status}`
  const isMeant = ({ status: wanted, says }: Refusal) =>
    status === wanted && (typeof says === 'string' ? body?.message === says : says.test(body?.message ?? ''))
  if (refusals.some(isMeant)) return undefined
  return `${said}, not ${refusals.map((one) => `${one.status} ${one.says}`).join(' or ')}`
}

/** The model after an answer that was predicted. */
export function outcome(model: Model, { refusals, next, refused = model }: Prediction): Model {
  return refusals.length === 0 ? next : refused
}
