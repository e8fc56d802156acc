import type { CommandContext } from './command.ts'
import { ExitError } from './errors.ts'
import { describeFailure } from './failures.ts'
import { compileTemplate } from './template/template.ts'
import { printLine } from './terminal.ts'

/**
 * Fetches the objects that the arguments name and prints them as Docker's `inspect` does: one JSON list, or one line
 * for each by the format. What is not found is said at the end, and what was found is printed all the same.
 *
 * @throws {ExitError} 1, with a line for each that was not found
 */
export async function inspectObjects(
  { args, flags, terminal }: CommandContext,
  fetch: (ref: string) => Promise<unknown>,
): Promise<number> {
  const format = flags.text('format')
  const template = format === '' || format === 'json' ? undefined : compileTemplate(format)
  const found: unknown[] = []
  const failures: string[] = []
  for (const ref of args) {
    try {
      found.push(await fetch(ref))
    } catch (error) {
      failures.push(describeFailure(error))
    }
  }
  if (template === undefined) printLine(terminal.stdout, JSON.stringify(found, null, format === 'json' ? undefined : 4))
  else for (const object of found) printLine(terminal.stdout, template.render(object))
  if (failures.length > 0) throw new ExitError(1, failures.join('\n'))
  return 0
}
