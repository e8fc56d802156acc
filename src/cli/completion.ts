import { listContainers } from '../client/containers.ts'
import { listImages } from '../client/images.ts'
import { listNetworks } from '../client/networks.ts'
import { Transport } from '../client/transport.ts'
import { listVolumes } from '../client/volumes.ts'
import { catalogue, groups } from './catalogue.ts'
import type { Command, CompletionSource } from './command.ts'
import { findCommand } from './find-command.ts'
import type { FlagSpec } from './flags/flag-spec.ts'
import { globalFlags } from './flags/global-flags.ts'

/**
 * What may stand at the end of a command line, for the shells' completion scripts.
 *
 * @param words  what was typed after `wharf`; the last one is the beginning of the word that is wanted
 * @returns candidates that begin with it; none when names of files are wanted
 */
export async function complete(words: readonly string[], host: string): Promise<string[]> {
  const current = words.at(-1) ?? ''
  const before = skipGlobals(words.slice(0, -1))
  const found = findCommand(before)
  if (before.length === 0) return starting(current, [...topLevel(), ...names(globalFlags, current)])
  if (found.kind === 'group') return starting(current, verbs(found.name))
  if (found.kind === 'unknown') return []
  const { command } = await found.entry.load()
  const wanted = flagWaiting(command, found.rest)
  if (wanted !== undefined) return starting(current, await objects(sourceOf(wanted), host))
  if (current.startsWith('-')) return starting(current, names(command.flags, current))
  return starting(current, await objects(command.completes ?? 'none', host))
}

function topLevel(): string[] {
  const short = catalogue.flatMap(({ names: all }) => all.filter((name) => !name.includes(' ')))
  return [...short, ...Object.keys(groups), 'daemon'].sort()
}

function verbs(group: string): string[] {
  const own = catalogue.flatMap(({ names: all }) => all.filter((name) => name.startsWith(`${group} `)))
  return own.map((name) => name.slice(group.length + 1)).sort()
}

function names(flags: readonly FlagSpec[], current: string): string[] {
  if (!current.startsWith('-')) return []
  return [...flags.filter(({ hidden }) => !hidden).map(({ name }) => `--${name}`), '--help'].sort()
}

function skipGlobals(words: readonly string[]): readonly string[] {
  let at = 0
  while (words[at]?.startsWith('-')) at += words[at] === '-H' || words[at] === '--host' ? 2 : 1
  return words.slice(at)
}

/** The flag that the last word of `rest` is, when its value is still missing. */
function flagWaiting(command: Command, rest: readonly string[]): FlagSpec | undefined {
  const last = rest.at(-1) ?? ''
  if (!last.startsWith('-') || last.includes('=')) return undefined
  const flag = command.flags.find(({ name, short, hiddenNames }) => {
    return last === `--${name}` || last === `-${short}` || hiddenNames?.some((other) => last === `--${other}`)
  })
  return flag?.kind === 'bool' ? undefined : flag
}

function sourceOf(flag: FlagSpec): CompletionSource {
  if (flag.name === 'network') return 'network'
  return flag.name === 'link' || flag.name === 'volumes-from' ? 'container' : 'none'
}

async function objects(source: CompletionSource, host: string): Promise<string[]> {
  const load = loaders[source]
  if (load === undefined) return []
  try {
    return await load(new Transport(host))
  } catch {
    // Without a daemon there is nothing to offer, and a message would end up in the user's command line.
    return []
  }
}

const loaders: Partial<Readonly<Record<CompletionSource, (transport: Transport) => Promise<string[]>>>> = {
  container: (transport) => containers(transport, true, () => true),
  running: (transport) => containers(transport, false, () => true),
  stopped: (transport) => containers(transport, true, (state) => state !== 'running'),
  network: async (transport) => (await listNetworks(transport, [])).map(({ Name }) => Name),
  volume: async (transport) => (await listVolumes(transport, [])).Volumes.map(({ Name }) => Name),
  image: async (transport) => {
    const images = await listImages(transport, { all: false, filters: [] })
    return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => name !== '<none>:<none>')
  },
}

async function containers(transport: Transport, all: boolean, wanted: (state: string) => boolean): Promise<string[]> {
  const found = (await listContainers(transport, { all })).filter(({ State }) => wanted(State))
  return found.flatMap(({ Names }) => (Names ?? []).map((name) => name.replace(/^\//, '')))
}

function starting(prefix: string, candidates: readonly string[]): string[] {
  return candidates.filter((candidate) => candidate.startsWith(prefix))
}
