import type { ContainerRecord } from '../model.ts'

/** A container's settings that its log may tell of. */
export type DescribedContainer = Pick<ContainerRecord, 'id' | 'name' | 'imageId' | 'imageReference' | 'config'>

type Options = Readonly<Record<string, string>>
type Pair = readonly [name: string, value: string]

/** What a tag may name. @source Docker, "Customize log driver output", the template's fields */
const tagFields: Readonly<Record<string, (container: DescribedContainer) => string>> = {
  ID: ({ id }) => id.slice(0, 12),
  FullID: ({ id }) => id,
  Name: ({ name }) => name,
  ImageID: ({ imageId }) => imageId.slice(0, 12),
  ImageFullID: ({ imageId }) => imageId,
  ImageName: ({ imageReference }) => imageReference,
  DaemonName: () => 'docker',
}

const tagAction = /\{\{\s*(.*?)\s*\}\}/g

/**
 * Checks the options that say what a log tells besides the lines.
 *
 * @throws {SyntaxError} a pattern that is none
 * @throws {RangeError} a tag with more than fields in it
 */
export function checkLogAttributes(options: Options): void {
  for (const key of ['labels-regex', 'env-regex']) new RegExp(options[key] ?? '')
  const strange = [...(options['tag'] ?? '').matchAll(tagAction)].find(([, word]) => fieldOf(word!) === undefined)
  if (strange !== undefined) throw new RangeError(`template: log-tag: cannot evaluate ${strange[0]} in the option tag`)
}

/**
 * What `docker logs --details` puts before each line: labels, variables and the tag that the options name, by their names.
 *
 * @param options  of the driver `json-file`; the others keep none of it
 * @source Docker, json-file logging driver, "Options"
 */
export function logAttributes(container: DescribedContainer, options: Options): Readonly<Record<string, string>> {
  const { config } = container
  const labels = Object.entries(config.Labels ?? {})
  const variables = (config.Env ?? []).map((text): Pair => [text.split('=', 1)[0]!, text.slice(text.indexOf('=') + 1)])
  const tag = (options['tag'] ?? '').replace(tagAction, (_, word: string) => fieldOf(word)?.(container) ?? '')
  return Object.fromEntries([
    ...chosen(labels, options['labels'], options['labels-regex']),
    ...chosen(variables, options['env'], options['env-regex']),
    ...(tag === '' ? [] : [['tag', tag]]),
  ])
}

/** Attributes as they stand before a line: `"a=b,tag=web "`, in the order of their names, escaped as in a URL's query. */
export function detailsText(attributes: Readonly<Record<string, string>>): string {
  const escaped = (text: string) => new URLSearchParams([['', text]]).toString().slice(1)
  const names = Object.keys(attributes).sort()
  return `${names.map((name) => `${escaped(name)}=${escaped(attributes[name]!)}`).join(',')} `
}

function fieldOf(word: string): ((container: DescribedContainer) => string) | undefined {
  const name = word.startsWith('.') ? word.slice(1) : ''
  return Object.hasOwn(tagFields, name) ? tagFields[name] : undefined
}

function chosen(pairs: readonly Pair[], names: string | undefined, pattern: string | undefined): readonly Pair[] {
  const wanted = new Set((names ?? '').split(','))
  const fits = pattern ? new RegExp(pattern) : undefined
  return pairs.filter(([name]) => wanted.has(name) || fits?.test(name))
}
