import type { CommandContext } from './command.ts'
import { ExitError } from './errors.ts'
import { describeFailure } from './failures.ts'
import { printLine } from './terminal.ts'

/** How many calls are under way at the same time. */
const atOnce = 50

/**
 * Does one thing to each of several objects, side by side, and prints the name of each when it is done, in order.
 * A failure stops none of the others.
 *
 * @param action  answers what to print instead of the name; `""` prints nothing
 * @throws {ExitError} 1, with one line for each failure
 */
export async function eachTarget(
  { args, terminal }: Pick<CommandContext, 'args' | 'terminal'>,
  action: (target: string) => Promise<string | undefined>,
): Promise<number> {
  const failures: string[] = []
  for (let first = 0; first < args.length; first += atOnce) {
    const targets = args.slice(first, first + atOnce)
    const outcomes = targets.map(async (target) => ({ text: (await action(target)) ?? target }))
    for (const outcome of outcomes.map((each) =>
      each.catch((error: unknown) => ({ failure: describeFailure(error) })),
    )) {
      const result = await outcome
      if ('failure' in result) failures.push(result.failure)
      else if (result.text !== '') printLine(terminal.stdout, result.text)
    }
  }
  if (failures.length > 0) throw new ExitError(1, failures.join('\n'))
  return 0
}
