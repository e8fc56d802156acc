import { type PortRange, parsePortRange, parsePortSpec, portsOf } from '../../base/port-specs.ts'
import type { PortBinding } from '../../protocol/container.ts'

/** The ports of a container as the command line asks for them. */
export interface PortOptions {
  readonly exposed: Record<string, object>
  readonly bindings: Record<string, PortBinding[]>
}

/**
 * Reads the values of `-p` and `--expose`: `"80"`, `"8080:80"`, `"127.0.0.1::80/udp"`, `"[::1]:80:80"`,
 * `"8000-8010:80-90"`, `"8000-8010:80"` (the first free one), `"published=8080,target=80,protocol=tcp"`.
 *
 * @throws {Error} with Docker's words
 */
export function parsePorts(published: readonly string[], expose: readonly string[]): PortOptions {
  const options: PortOptions = { exposed: {}, bindings: {} }
  for (const value of published) addPublished(options, value.includes('=') ? fromLongForm(value) : value)
  for (const value of expose) {
    const [ports = '', protocol = 'tcp'] = value.split('/')
    for (const port of portsOf(exposedRange(ports, value))) options.exposed[`${port}/${protocol.toLowerCase()}`] ??= {}
  }
  return options
}

function addPublished({ exposed, bindings }: PortOptions, spec: string): void {
  for (const { key, binding } of parsePortSpec(spec)) {
    exposed[key] ??= {}
    bindings[key] ??= []
    bindings[key].push(binding)
  }
}

const longFormKeys: Readonly<Record<string, string>> = {
  protocol: 'protocol',
  mode: 'mode',
  target: 'target',
  published: 'published',
}

function fromLongForm(value: string): string {
  const fields: Record<string, string> = {}
  for (const part of value.split(',')) {
    const [key = '', text, more] = part.split('=')
    if (text === undefined || more !== undefined) {
      throw new Error(`invalid publish opts format (should be name=value but got '${part}')`)
    }
    if (longFormKeys[key] === undefined) throw new Error(`invalid publish opts key (${key})`)
    fields[key] = text
  }
  return `${fields['published'] ?? ''}:${fields['target'] ?? ''}/${fields['protocol'] ?? 'tcp'}`
}

function exposedRange(ports: string, value: string): PortRange {
  if (!/^\d+(-\d+)?$/.test(ports)) {
    const why = `strconv.ParseUint: parsing ${JSON.stringify(ports)}: invalid syntax`
    throw new Error(`invalid range format for --expose: ${value}, error: ${why}`)
  }
  return parsePortRange(ports, 'range format for --expose')
}
