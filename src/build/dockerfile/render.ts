import type { Instruction } from './parse.ts'
import { type BuildPlan, imageKey, type Stage, type Step } from './stages.ts'

/** A Dockerfile that names images by id, and what is said of each of its steps. */
export interface RenderedPlan {
  readonly text: string
  /** What comes before the first `FROM`: steps, too, as Docker counts. */
  readonly globals: readonly string[]
  /** For each stage its steps, `FROM` first. */
  readonly stages: readonly (readonly RenderedStep[])[]
}

/** One step as people see it. */
export interface RenderedStep {
  /** `"RUN make"`. */
  readonly original: string
  /** Of the image that a `FROM` names. */
  readonly baseId?: string
  /** Of the stage that a `FROM` names, from 0. */
  readonly baseStage?: number
}

/**
 * Writes the plan as a Dockerfile for buildah: images by their ids, so that nothing is looked up by a name or fetched
 * behind the engine's back, and labels of the request as a last step, as Docker has them. Pure.
 *
 * @param idOf  64 hex digits for each image of the plan, by `imageKey`
 */
export function renderPlan(
  plan: BuildPlan,
  labels: Readonly<Record<string, string>>,
  idOf: (key: string) => string,
): RenderedPlan {
  const label = renderLabels(labels, plan.escapeWith)
  const texts = [`# escape=${plan.escapeWith}`, ...plan.globals.map(({ original }) => original)]
  const stages = plan.stages.map((stage, index) => {
    const extra = index === plan.stages.length - 1 && label !== undefined ? [label] : []
    texts.push(renderFrom(plan, stage, idOf), ...stage.steps.map((step) => renderStep(step, idOf)), ...extra)
    return [
      { original: stage.from.original, ...baseOf(stage, idOf) },
      ...stage.steps.map(({ instruction }) => ({ original: instruction.original })),
      ...extra.map((original) => ({ original })),
    ]
  })
  return { text: `${texts.join('\n')}\n`, globals: plan.globals.map(({ original }) => original), stages }
}

function baseOf({ base }: Stage, idOf: (key: string) => string): Pick<RenderedStep, 'baseId' | 'baseStage'> {
  if (base.kind === 'stage') return { baseStage: base.index }
  return base.kind === 'image' ? { baseId: idOf(imageKey(base)) } : {}
}

function renderFrom({ stages }: BuildPlan, { base, name }: Stage, idOf: (key: string) => string): string {
  const as = name === '' ? '' : ` AS ${name}`
  if (base.kind === 'scratch') return `FROM scratch${as}`
  return `FROM ${base.kind === 'stage' ? stages[base.index]!.name : idOf(imageKey(base))}${as}`
}

function renderStep({ instruction, source }: Step, idOf: (key: string) => string): string {
  if (source === undefined) return instruction.original
  return withFlag(instruction, '--from=', idOf(imageKey(source)))
}

function withFlag({ keyword, flags, words }: Instruction, prefix: string, value: string): string {
  const changed = flags.map((flag) => (flag.startsWith(prefix) ? prefix + value : flag))
  return [keyword, ...changed, words].join(' ')
}

function renderLabels(labels: Readonly<Record<string, string>>, escapeWith: string): string | undefined {
  const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1))
  if (pairs.length === 0) return undefined
  return `LABEL ${pairs.map(([key, value]) => `${quote(key, escapeWith)}=${quote(value, escapeWith)}`).join(' ')}`
}

/** A word that means itself: quotes, variables and the escapeWith character are taken their meaning. */
function quote(text: string, escapeWith: string): string {
  return `"${text.replace(/["$\\`]/g, (char) => (char === '"' || char === '$' || char === escapeWith ? escapeWith + char : char)).replaceAll('\n', ' ')}"`
}
