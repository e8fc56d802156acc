import type { RenderedPlan, RenderedStep } from '../dockerfile/render.ts'

const stepLine = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/(\d+): (.*)$/s
/** What a command prints without a line end stays before it. */
const idLine = /^(.*?)--> ([0-9a-f]{11,12})$/s
/** What a piece of output has in it that needs a closer look. */
const isOurs = /STEP |COMMIT|--> |\[Warning\]|^[0-9a-f]{64}$/m
const markers = ['[', 'STEP ', 'COMMIT', '--> ']
/** Characters that are held back at most: no line of buildah's is longer, but for what the Dockerfile itself says. */
const longestHeld = 64 * 1024

/**
 * Turns what buildah prints into what Docker's classic builder prints: `Step 2/5 : RUN make`, ` ---> Using cache`,
 * ` ---> 0123456789ab`. Everything else is the output of commands, and passes, in pieces as it comes.
 *
 * A step counts only when it is the next one: a command that prints such a line is not believed.
 */
export class StepOutput {
  readonly #globals: readonly string[]
  readonly #stages: readonly (readonly RenderedStep[])[]
  readonly #total: number
  /** Twelve digits of the image whose first eleven are given. */
  readonly #wholeId: (digits: string) => string
  /** The line so far; what of it was passed on already is not in it. */
  #line = ''
  #insideLine = false
  #stage = -1
  /** Of the steps of the stage, as buildah counts them: with the triggers of its base. */
  #step = 0
  #triggers = 0
  /** Steps of earlier stages. */
  #done: number
  /** The image of each stage, as far as it has come. */
  readonly #ids: string[] = []
  #current = ''
  #lastId: string | undefined

  constructor({ globals, stages }: RenderedPlan, wholeId: (digits: string) => string) {
    this.#globals = globals
    this.#stages = stages
    this.#total = stages.reduce((sum, steps) => sum + steps.length, globals.length)
    this.#done = globals.length
    this.#wholeId = wholeId
  }

  /** The step that is under way, as the Dockerfile has it: `"RUN make"`. */
  get current(): string {
    return this.#current
  }

  /** Its stage, from 0, and how many instructions that has before it, `FROM` not counted. */
  get at(): readonly [stage: number, step: number] {
    return [this.#stage, Math.max(this.#step - this.#triggers - 2, 0)]
  }

  /** The id of the image, the last thing that buildah prints: 64 hex digits. */
  get imageId(): string | undefined {
    return this.#lastId
  }

  /** @returns what to tell the client, in order */
  write(text: string): readonly string[] {
    const told: string[] = []
    const all = this.#line + text
    const end = all.lastIndexOf('\n') + 1
    this.#line = all.slice(end)
    if (end > 0) {
      told.push(...this.#takeAll(all.slice(0, end)))
      this.#insideLine = false
    }
    if (this.#line !== '' && !this.#mayMean(this.#line)) {
      told.push(...this.#command(this.#line))
      this.#line = ''
      this.#insideLine = true
    }
    return told
  }

  /** Floods go through in one piece, as they came. */
  #takeAll(lines: string): readonly string[] {
    if (!isOurs.test(lines)) return this.#command(lines)
    const told: string[] = []
    for (const line of lines.slice(0, -1).split('\n')) {
      told.push(...this.#take(line))
      this.#insideLine = false
    }
    return told
  }

  /** What was held back when the output ended. */
  end(): readonly string[] {
    const rest = this.#line
    this.#line = ''
    return rest === '' ? [] : this.#command(rest)
  }

  #mayMean(line: string): boolean {
    if (line.length > longestHeld) return false
    if (/-+>? ?(?:[0-9a-f]{1,12})?$/.test(line)) return true
    if (this.#insideLine) return false
    return markers.some((marker) => line.startsWith(marker) || marker.startsWith(line)) || /^[0-9a-f]{1,64}$/.test(line)
  }

  #take(line: string): readonly string[] {
    const id = idLine.exec(line)
    if (id) {
      this.#ids[this.#stage] = this.#wholeId(id[2]!)
      return [...(id[1] === '' ? [] : this.#command(id[1]!)), ` ---> ${this.#ids[this.#stage]}\n`]
    }
    if (this.#insideLine) return this.#command(`${line}\n`)
    const step = stepLine.exec(line)
    const told = step && this.#advance(Number(step[1] ?? 1) - 1, Number(step[2]), Number(step[3]), step[4]!)
    if (told) return told
    if (/^--> Using cache [0-9a-f]{64}$/.test(line)) return [' ---> Using cache\n']
    if (/^(?:\[\d+\/\d+\] )?COMMIT$/.test(line)) return []
    const unused = /^\[Warning\] one or more build args were not consumed: (\[.*\])$/.exec(line)
    if (unused) return [`[Warning] One or more build-args ${unused[1]} were not consumed\n`]
    if (!/^[0-9a-f]{64}$/.test(line)) return this.#command(`${line}\n`)
    const before = this.#lastId
    this.#lastId = line
    return before === undefined ? [] : [`${before}\n`]
  }

  /** @returns undefined: this is not the next step */
  #advance(stage: number, step: number, count: number, text: string): readonly string[] | undefined {
    const begins = stage === this.#stage + 1 && step === 1
    if (!begins && !(stage === this.#stage && step === this.#step + 1)) return undefined
    const steps = this.#stages[stage]
    if (steps === undefined || count < steps.length) return undefined
    if (begins) {
      this.#done += this.#stages[stage - 1]?.length ?? 0
      this.#triggers = 0
    }
    this.#stage = stage
    this.#step = step
    // Only what follows FROM tells how many triggers the base has.
    if (step === 2) this.#triggers = count - steps.length
    if (step > 1 && step <= this.#triggers + 1) {
      this.#current = text
      return [`# Executing build trigger: ${text}\n`]
    }
    const index = step === 1 ? 1 : step - this.#triggers
    const rendered = steps[index - 1]
    if (rendered === undefined) return undefined
    this.#current = rendered.original
    const base = rendered.baseId ?? this.#ids[rendered.baseStage ?? -1]
    const lines = [`Step ${this.#done + index}/${this.#total} : ${rendered.original}\n`]
    if (base !== undefined) lines.push(` ---> ${base.slice(0, 12)}\n`)
    return stage === 0 && step === 1 ? [...this.#renderGlobals(), ...lines] : lines
  }

  #renderGlobals(): string[] {
    return this.#globals.map((original, index) => `Step ${index + 1}/${this.#total} : ${original}\n`)
  }

  /** Output of a command: what looked like the last line was one of its own. */
  #command(text: string): readonly string[] {
    const held = this.#lastId
    this.#lastId = undefined
    return held === undefined ? [text] : [`${held}\n`, text]
  }
}
