import { type Instruction, jsonWords, parseProblem } from './parse.ts'

/** How many words an instruction wants, in Docker's words. */
const wants: Readonly<Record<string, 'any' | 'one or three' | 'some' | 'one' | 'two'>> = {
  ADD: 'two',
  ARG: 'some',
  CMD: 'any',
  COPY: 'two',
  ENTRYPOINT: 'any',
  ENV: 'some',
  EXPOSE: 'some',
  FROM: 'one or three',
  HEALTHCHECK: 'some',
  LABEL: 'some',
  MAINTAINER: 'one',
  ONBUILD: 'some',
  RUN: 'some',
  SHELL: 'some',
  STOPSIGNAL: 'one',
  USER: 'one',
  VOLUME: 'some',
  WORKDIR: 'one',
}

/** Flags that the classic builder takes. Those that BuildKit alone has are named when they are refused. */
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  ADD: ['chown', 'chmod'],
  COPY: ['chown', 'chmod', 'from'],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'timeout', 'start-period', 'start-interval', 'retries'],
}
const buildKitFlags = [
  'mount',
  'network',
  'security',
  'link',
  'parents',
  'exclude',
  'checksum',
  'keep-git-dir',
  'unpack',
]

/**
 * Refuses what cannot be built, before anything is: unknown instructions, missing words, what BuildKit alone can do.
 *
 * @throws {EngineError} `invalid-argument`, in Docker's words
 */
export function checkInstruction(instruction: Instruction): void {
  const { keyword, words, line } = instruction
  const want = wants[keyword]
  if (want === undefined) throw parseProblem(line, `unknown instruction: ${keyword}`)
  const count = words.trim() === '' ? 0 : (jsonWords(words)?.length ?? words.trim().split(/\s+/).length)
  if (want === 'some' && count < 1) throw parseProblem(line, `${keyword} requires at least one argument`)
  if (want === 'two' && count < 2)
    throw parseProblem(
      line,
      `${keyword} requires at least two arguments, but only ${count === 1 ? 'one was' : 'none were'} provided`,
    )
  if (want === 'one' && count < 1) throw parseProblem(line, `${keyword} requires exactly one argument`)
  if (want === 'one or three' && count !== 1 && count !== 3)
    throw parseProblem(line, 'FROM requires either one or three arguments')
  if (keyword === 'SHELL' && jsonWords(words) === undefined)
    throw parseProblem(line, 'SHELL requires the arguments to be in JSON form')
  checkFlags(instruction)
  if (['RUN', 'COPY', 'ADD'].includes(keyword) && hasHeredoc(words)) {
    throw parseProblem(
      line,
      'here-documents require BuildKit: write the lines as one command, or as a file of the context',
    )
  }
  if (keyword === 'ONBUILD') checkTrigger(instruction)
}

function checkFlags({ keyword, flags, line }: Instruction): void {
  for (const flag of flags) {
    const name = flag.slice(2).split('=', 1)[0]!
    if (flagsOf[keyword]?.includes(name)) continue
    throw parseProblem(
      line,
      buildKitFlags.includes(name) ? `the --${name} option requires BuildKit` : `unknown flag: --${name}`,
    )
  }
}

function checkTrigger({ words, line }: Instruction): void {
  const trigger = words.trim().split(/\s+/, 1)[0]!.toUpperCase()
  if (trigger === 'ONBUILD') throw parseProblem(line, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
  if (trigger === 'MAINTAINER' || trigger === 'FROM')
    throw parseProblem(line, `${trigger} isn't allowed as an ONBUILD trigger`)
  if (wants[trigger] === undefined) throw parseProblem(line, `unknown instruction: ${trigger}`)
}

/** Whether a word begins a here-document, as BuildKit reads it; `<<<` and `1 << 3` do not. */
function hasHeredoc(words: string): boolean {
  return jsonWords(words) === undefined && /(?:^|\s)\d*<<-?(["']?)[A-Za-z_]\w*\1(?:\s|$)/.test(words)
}
