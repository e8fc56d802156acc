import { ApiError } from '../../client/errors.ts'
import { removeImage } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { eachTarget } from '../each-target.ts'
import { printLine } from '../terminal.ts'

/** `wharf rmi`. */
export const command: Command = {
  usage: '[OPTIONS] IMAGE [IMAGE...]',
  arguments: { min: 1 },
  flags: [
    { name: 'force', short: 'f', kind: 'bool', help: 'Force removal of the image' },
    { name: 'no-prune', kind: 'bool', help: 'Do not delete untagged parents' },
  ],
  examples: ['wharf rmi busybox', 'wharf rmi -f $(wharf images -q)'],
  completes: 'image',
  run(context) {
    const { flags, transport, terminal } = context
    const options = { force: flags.on('force'), prune: !flags.on('no-prune') }
    return eachTarget(context, async (target) => {
      try {
        const steps = await removeImage(transport, target, options)
        return steps
          .map(({ Deleted, Untagged }) => (Deleted ? `Deleted: ${Deleted}` : `Untagged: ${Untagged}`))
          .join('\n')
      } catch (error) {
        if (!(options.force && error instanceof ApiError && error.status === 404)) throw error
        printLine(terminal.stderr, `Error response from daemon: ${error.message}`)
        return ''
      }
    })
  },
}
