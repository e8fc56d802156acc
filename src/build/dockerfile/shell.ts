import type { ImageRecord } from '../../image/images.ts'
import { jsonWords } from './parse.ts'
import { type BuildPlan, imageKey } from './stages.ts'

const usual = ['/bin/sh', '-c']

/**
 * What runs the shell form of a step: the last `SHELL` before it, in its stage or in what that stands on.
 *
 * @param stage  from 0
 * @param step  instructions of the stage before it, `FROM` not counted
 */
export function shellAt(
  plan: BuildPlan,
  stage: number,
  step: number,
  bases: ReadonlyMap<string, ImageRecord>,
): readonly string[] {
  const one = plan.stages[stage]
  if (one === undefined) return usual
  const before = one.steps.slice(0, step).map(({ instruction }) => instruction)
  const shell = before.findLast(({ keyword }) => keyword === 'SHELL')
  if (shell !== undefined) return jsonWords(shell.words) ?? usual
  const { base } = one
  if (base.kind === 'stage') return shellAt(plan, base.index, Number.POSITIVE_INFINITY, bases)
  if (base.kind === 'scratch') return usual
  return bases.get(imageKey(base))?.config.Shell ?? usual
}
