import { pushImage } from '../../client/images.ts'
import type { Command } from '../command.ts'
import { printProgress } from '../progress.ts'
import { fullName, parseReference, registryOf, withDefaultTag } from '../reference.ts'
import { credentialsHeader } from '../registry/credentials.ts'
import { printLine } from '../terminal.ts'

/** `wharf push`. */
export const command: Command = {
  usage: '[OPTIONS] NAME[:TAG]',
  arguments: { min: 1, max: 1 },
  flags: [
    { name: 'all-tags', short: 'a', kind: 'bool', help: 'Push all tags of an image to the repository' },
    { name: 'platform', kind: 'string', help: 'Push the image only if it is for this platform: "linux/amd64"' },
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Suppress verbose output' },
  ],
  examples: ['wharf push localhost:5000/busybox', 'wharf push -a localhost:5000/busybox'],
  completes: 'image',
  async run({ flags, args, env, terminal, transport }) {
    const [image = ''] = args
    const [all, quiet] = [flags.on('all-tags'), flags.on('quiet')]
    const { name, tag, digest } = parseReference(image)
    if (digest !== '') throw new Error('cannot push a digest reference')
    if (all && tag !== '') throw new Error("tag can't be used with --all-tags/-a")
    if (!all && tag === '' && !quiet) printLine(terminal.stdout, 'Using default tag: latest')
    const query = { tag: all ? undefined : tag || 'latest', platform: platformQuery(flags.text('platform')) }
    const auth = (await credentialsHeader(registryOf(name), env)) ?? Buffer.from('{}').toString('base64url')
    await printProgress(pushImage(transport, name, query, auth), quiet ? undefined : terminal.stdout)
    if (quiet) printLine(terminal.stdout, fullName(all ? name : withDefaultTag(image)))
    return 0
  },
}

/** `linux/arm/v7` as JSON; `undefined` for nothing. */
function platformQuery(text: string): string | undefined {
  if (text === '') return undefined
  const [os, architecture, variant] = text.includes('/') ? text.split('/') : ['linux', text]
  return JSON.stringify({ os, architecture, ...(variant && { variant }) })
}
