import { removeContainer } from '../../client/containers.ts'
import { ApiError } from '../../client/errors.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'
import { printLine } from '../terminal.ts'

/** `wharf rm`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER [CONTAINER...]',
  arguments: { min: 1 },
  flags: [
    { name: 'force', short: 'f', kind: 'bool', help: 'Force the removal of a running container (uses SIGKILL)' },
    { name: 'link', short: 'l', kind: 'bool', help: 'Remove the specified link' },
    { name: 'volumes', short: 'v', kind: 'bool', help: 'Remove anonymous volumes associated with the container' },
  ],
  examples: ['wharf rm job', 'wharf rm -f web db', 'wharf rm $(wharf ps -aq -f status=exited)'],
  completes: 'container',
  run(context) {
    const { flags, transport, terminal } = context
    const options = { force: flags.on('force'), link: flags.on('link'), volumes: flags.on('volumes') }
    return eachTarget(context, async (target) => {
      try {
        await removeContainer(transport, target.replace(/^\//, ''), options)
      } catch (error) {
        // With --force an absent container is as good as a removed one; Docker says so and goes on.
        if (!(options.force && error instanceof ApiError && error.status === 404)) throw error
        printLine(terminal.stderr, `Error response from daemon: ${error.message}`)
        return ''
      }
      return target
    })
  },
}
