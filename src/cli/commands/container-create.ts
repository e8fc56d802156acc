import { EngineError } from '../../base/errors.ts'
import type { Command } from '../command.ts'
import { containerFlags } from '../container-options/flags.ts'
import { createFromFlags } from '../create-container.ts'
import { runFailure } from '../session/run-failure.ts'
import { printLine } from '../terminal.ts'

/** `wharf create`. */
export const command: Command = {
  usage: '[OPTIONS] IMAGE [COMMAND] [ARG...]',
  arguments: { min: 1 },
  flags: containerFlags,
  passThrough: true,
  examples: ['wharf create --name web -p 8080:80 busybox httpd -f -p 80'],
  completes: 'image',
  async run(context) {
    try {
      const { id } = await createFromFlags(context)
      printLine(context.terminal.stdout, id)
      return 0
    } catch (error) {
      // Only what is wrong with the command line is said in the way of `run`; the daemon's refusals are plain ones.
      throw error instanceof EngineError ? error : runFailure('create', error)
    }
  },
}
