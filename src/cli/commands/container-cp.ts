import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Command, CommandContext } from '../command.ts'
import { copyArchive, copyIn } from '../copy/copy-in.ts'
import { copyOut, openSource } from '../copy/copy-out.ts'
import { splitArgument } from '../copy/plan-copy.ts'
import { ExitError } from '../errors.ts'
import { humanSize } from '../format/units.ts'
import { printLine } from '../terminal.ts'

/** `wharf cp`. */
export const command: Command = {
  usage: '[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n\twharf cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH',
  arguments: { min: 2, max: 2 },
  flags: [
    { name: 'archive', short: 'a', kind: 'bool', help: 'Archive mode (copy all uid/gid information)' },
    { name: 'follow-link', short: 'L', kind: 'bool', help: 'Always follow symbol link in SRC_PATH' },
    {
      name: 'quiet',
      short: 'q',
      kind: 'bool',
      help: 'Suppress progress output during copy. Progress output is automatically suppressed if no terminal is attached',
    },
  ],
  examples: ['wharf cp notes.txt web:/tmp', 'wharf cp web:/etc/hosts .', 'wharf cp web:/var/log - | tar x'],
  completes: 'container',
  async run(context) {
    const [from, to] = context.args as [string, string]
    if (from === '') throw new ExitError(1, 'source can not be empty')
    if (to === '') throw new ExitError(1, 'destination can not be empty')
    const [source, target] = [splitArgument(from), splitArgument(to)]
    if (source.container !== '' && target.container !== '') {
      throw new ExitError(1, 'copying between containers is not supported')
    }
    if (source.container !== '') return fromContainer(context, source, target.path)
    if (target.container !== '') return toContainer(context, source.path, target)
    throw new ExitError(1, 'must specify at least one container source')
  },
}

interface ContainerPath {
  readonly container: string
  readonly path: string
}

async function fromContainer(context: CommandContext, { container, path }: ContainerPath, target: string) {
  const { flags, terminal, transport } = context
  const copy = { container, source: path, follow: flags.on('follow-link') }
  if (target === '-') {
    const { archive } = await openSource(transport, copy)
    await pipeline(archive, terminal.stdout, { end: false })
    return 0
  }
  const counter = countBytes()
  await copyOut(transport, copy, target, counter.count)
  return tell(context, counter.total(), target)
}

async function toContainer(context: CommandContext, source: string, { container, path }: ContainerPath) {
  const { flags, terminal, transport } = context
  const counter = countBytes()
  const copy = { container, target: path, copyUidGid: flags.on('archive'), count: counter.count }
  if (source === '-') await copyArchive(transport, terminal.stdin, copy)
  else await copyIn(transport, source, flags.on('follow-link'), copy)
  return source === '-' ? 0 : tell(context, counter.total(), `${container}:${path}`)
}

/** Whoever counts must read on at once: from now on the bytes flow. */
function countBytes(): { count(archive: Readable): Readable; total(): number } {
  let total = 0
  return {
    count(archive) {
      archive.on('data', (chunk: Buffer) => {
        total += chunk.length
      })
      return archive
    },
    total: () => total,
  }
}

/** Only to somebody who looks. */
function tell({ flags, terminal }: CommandContext, bytes: number, target: string): number {
  const quiet = flags.given('quiet') ? flags.on('quiet') : !terminal.stdout.isTTY
  if (!quiet) printLine(terminal.stderr, `Successfully copied ${humanSize(bytes, 3)} to ${target}`)
  return 0
}
