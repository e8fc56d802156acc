import { EngineError } from '../../base/errors.ts'
import { checkInstruction } from './check.ts'
import { expandWord } from './expand.ts'
import { type Dockerfile, type Instruction, parseProblem } from './parse.ts'

/** What a stage, or a `COPY --from`, stands on. */
export type Base =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly index: number }
  | { readonly kind: 'image'; readonly reference: string; readonly platform: string }

/** One `FROM` and what follows it. */
export interface Stage {
  /** In small letters; empty: it has none. */
  readonly name: string
  readonly base: Base
  readonly from: Instruction
  readonly steps: readonly Step[]
}

/** An instruction, and the image that its `--from` names, if that is no stage. */
export interface Step {
  readonly instruction: Instruction
  readonly source?: Base & { readonly kind: 'image' }
}

/** What is to be built: the arguments before the first `FROM`, and the stages up to the last that is wanted. */
export interface BuildPlan {
  readonly escapeWith: '\\' | '`'
  readonly globals: readonly Instruction[]
  readonly stages: readonly Stage[]
}

/** What a plan depends on besides the file. */
export interface PlanOptions {
  readonly buildArgs: Readonly<Record<string, string>>
  /** `""`: the last stage. A name, or a number. */
  readonly target: string
  /** `""`: this machine's. */
  readonly platform: string
  /** `linux/amd64`: this machine. */
  readonly hostPlatform: string
}

/**
 * Finds the stages of a Dockerfile and what each stands on. Pure.
 *
 * @throws {EngineError} `invalid-argument`, in Docker's words
 * @source Dockerfile reference, FROM; Docker Engine API v1.51, ImageBuild
 */
export function planStages({ escapeWith, instructions }: Dockerfile, options: PlanOptions): BuildPlan {
  for (const instruction of instructions) checkInstruction(instruction)
  const first = instructions.findIndex(({ keyword }) => keyword === 'FROM')
  const globals = first < 0 ? instructions : instructions.slice(0, first)
  const stray = globals.find(({ keyword }) => keyword !== 'ARG')
  if (stray !== undefined) throw parseProblem(stray.line, 'no build stage in current context')
  if (first < 0) throw new EngineError('invalid-argument', 'dockerfile contains no stages to build')
  const values = globalValues(globals, escapeWith, options)
  const stages: Stage[] = []
  for (const [from, ...steps] of groupByFrom(instructions.slice(first))) {
    const { name, base } = readFrom(
      from!,
      stages,
      (word) => expandWord(word, escapeWith, (key) => values.get(key)),
      options,
    )
    stages.push({ name, base, from: from!, steps: steps.map((step) => readStep(step, stages, options)) })
  }
  return { escapeWith, globals, stages: stages.slice(0, targetIndex(stages, options.target) + 1) }
}

function groupByFrom(instructions: readonly Instruction[]): Instruction[][] {
  const groups: Instruction[][] = []
  for (const instruction of instructions) {
    if (instruction.keyword === 'FROM') groups.push([instruction])
    else groups.at(-1)!.push(instruction)
  }
  return groups
}

/** Arguments that `FROM` may use: those before it, and the names of platforms. */
function globalValues(globals: readonly Instruction[], escapeWith: string, options: PlanOptions): Map<string, string> {
  const target = options.platform || options.hostPlatform
  const values = new Map([...platformValues('BUILD', options.hostPlatform), ...platformValues('TARGET', target)])
  for (const { words } of globals) {
    for (const word of words.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []) {
      const [name, ...rest] = word.split('=')
      const fallback = rest.length > 0 ? expandWord(rest.join('='), escapeWith, (key) => values.get(key)) : undefined
      const value = options.buildArgs[name!] ?? fallback
      if (value !== undefined) values.set(name!, value)
    }
  }
  return values
}

function platformValues(prefix: string, platform: string): (readonly [string, string])[] {
  const [os = '', architecture = '', variant = ''] = platform.split('/')
  return [
    [`${prefix}PLATFORM`, platform],
    [`${prefix}OS`, os],
    [`${prefix}ARCH`, architecture],
    [`${prefix}VARIANT`, variant],
  ]
}

function readFrom(
  { words, flags, line }: Instruction,
  before: readonly Stage[],
  expand: (word: string) => string,
  options: PlanOptions,
): Pick<Stage, 'name' | 'base'> {
  const [word = '', as, name = ''] = words.trim().split(/\s+/)
  if (as !== undefined && as.toLowerCase() !== 'as')
    throw parseProblem(line, 'FROM requires either one or three arguments')
  if (as !== undefined && !/^[a-z][a-z0-9-_.]*$/i.test(name)) {
    const why = `invalid name for build stage: ${JSON.stringify(name)}, name can't start with a number or contain symbols`
    throw parseProblem(line, why)
  }
  const reference = expand(word)
  if (reference === '') throw parseProblem(line, `base name (${word}) should not be blank`)
  const flag = flags.find((text) => text.startsWith('--platform='))
  const platform = flag === undefined ? options.platform : expand(flag.slice('--platform='.length))
  const stage = before.findLastIndex((one) => one.name !== '' && one.name === reference.toLowerCase())
  if (stage >= 0) return { name: name.toLowerCase(), base: { kind: 'stage', index: stage } }
  if (reference === 'scratch') return { name: name.toLowerCase(), base: { kind: 'scratch' } }
  return { name: name.toLowerCase(), base: { kind: 'image', reference, platform } }
}

function readStep(instruction: Instruction, before: readonly Stage[], { platform }: PlanOptions): Step {
  const flag = instruction.flags.find((text) => text.startsWith('--from='))
  if (flag === undefined) return { instruction }
  const name = flag.slice('--from='.length)
  if (/^\d+$/.test(name)) {
    if (Number(name) < before.length) return { instruction }
    throw parseProblem(instruction.line, `invalid from flag value ${name}: invalid stage index ${name}`)
  }
  if (before.some((stage) => stage.name === name.toLowerCase())) return { instruction }
  return { instruction, source: { kind: 'image', reference: name, platform } }
}

function targetIndex(stages: readonly Stage[], target: string): number {
  if (target === '') return stages.length - 1
  const named = stages.findIndex(({ name }) => name === target.toLowerCase())
  const index = named >= 0 || !/^\d+$/.test(target) ? named : Number(target)
  if (index >= 0 && index < stages.length) return index
  throw new EngineError('invalid-argument', `target stage ${JSON.stringify(target)} could not be found`)
}

/** Every image that a plan needs, each once, in the order of their use. */
export function imagesOf({ stages }: BuildPlan): (Base & { readonly kind: 'image' })[] {
  const found = new Map<string, Base & { readonly kind: 'image' }>()
  for (const { base, steps } of stages) {
    for (const one of [base, ...steps.map(({ source }) => source)]) {
      if (one?.kind === 'image') found.set(imageKey(one), one)
    }
  }
  return [...found.values()]
}

/** Tells images of a plan apart. */
export function imageKey({ reference, platform }: { readonly reference: string; readonly platform: string }): string {
  return `${reference} ${platform}`
}
