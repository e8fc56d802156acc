import { writeFileSync } from 'node:fs'
import { PassThrough, Transform, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type BuildMessage, buildImage } from '../../client/build.ts'
import { buildFlags, buildQuery } from '../build/build-query.ts'
import { openContext } from '../build/open-context.ts'
import type { Command, CommandContext } from '../command.ts'
import { ExitError } from '../errors.ts'
import { humanSize } from '../format/units.ts'
import { printProgress } from '../progress.ts'
import { allCredentials } from '../registry/credentials.ts'
import type { Terminal } from '../terminal.ts'

/** `wharf build`. */
export const command: Command = {
  usage: '[OPTIONS] PATH | -',
  arguments: { min: 1, max: 1 },
  flags: buildFlags,
  examples: ['wharf build -t app .', 'wharf build --network lan --build-arg VERSION=2 -f build/Dockerfile .'],
  completes: 'file',
  async run(context) {
    const { flags, terminal } = context
    const id = flags.on('quiet') ? await buildQuietly(context) : await build(context, terminal.stdout)
    const file = flags.text('iidfile')
    if (file !== '') writeFileSync(file, id)
    return 0
  },
}

/** Says nothing but the id, or, on stderr, all that was said until it failed. */
async function buildQuietly(context: CommandContext): Promise<string> {
  let said = ''
  const output = new Writable({
    write(chunk, _encoding, done) {
      said += chunk
      done()
    },
  })
  const { stdout, stderr } = context.terminal
  try {
    await build(context, output)
  } catch (error) {
    stderr.write(said)
    throw error
  }
  stdout.write(said)
  return said.trim()
}

async function build({ flags, args, env, terminal, transport }: CommandContext, output: Writable): Promise<string> {
  const [source = ''] = args
  using context = await openContext(source, flags.text('file'), terminal.stdin)
  const query = buildQuery(flags, context.dockerfile, env)
  const registries = Buffer.from(JSON.stringify(await allCredentials(env))).toString('base64')
  const upload = new PassThrough()
  const counted = flags.on('quiet') ? new PassThrough() : countBytes(terminal.stdout)
  const stages = [counted, ...(flags.on('compress') ? [createGzip()] : [])]
  let contextFault: unknown
  const sent = pipeline([context.archive, ...stages, upload]).catch((error: Error) => {
    // Of the other failures, such as a daemon that wants no more, the daemon tells.
    if (error instanceof ExitError) contextFault = error
  })
  let id = ''
  try {
    await printProgress(
      withoutId(buildImage(transport, query, upload, registries), (found) => {
        id = found
      }),
      output,
    )
    await sent
    return id
  } catch (error) {
    throw contextFault ?? error
  }
}

/** The id of the image comes in the stream, and is no line to show. */
async function* withoutId(messages: AsyncIterable<BuildMessage>, take: (id: string) => void) {
  for await (const { aux, ...message } of messages) {
    if (aux?.ID !== undefined) take(aux.ID)
    else yield message
  }
}

/** Tells how much is sent: as it goes on a terminal, else once. */
function countBytes(stdout: Terminal['stdout']): Transform {
  let bytes = 0
  let next = 0
  const line = () => `Sending build context to Wharf daemon  ${humanSize(bytes, 4)}`
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      if (stdout.isTTY && performance.now() >= next) {
        stdout.write(`\r${line()}\x1b[K`)
        next = performance.now() + 100
      }
      done(undefined, chunk)
    },
    flush(done) {
      stdout.write(stdout.isTTY ? `\r${line()}\x1b[K\n` : `${line()}\n`)
      done()
    },
  })
}
