import { EngineError } from '../../../base/errors.ts'

type Options = Readonly<Record<string, string>>

/** Which options need which others. */
const needs: Readonly<Record<string, readonly string[]>> = { device: ['type'], type: ['device'], o: ['device', 'type'] }

/**
 * Checks the options of a volume of the driver `local`: `type`, `o` and `device`, as mount(8) takes them.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkLocalOptions(name: string, options: Options): void {
  const refuse = (why: string): never => {
    throw new EngineError('invalid-argument', `create ${name}: ${why}`)
  }
  for (const [key, value] of Object.entries(options)) {
    if (key === 'size') checkSize(value, refuse)
    else if (!(key in needs)) refuse(`invalid option: ${JSON.stringify(key)}`)
    if (value.includes('\0')) refuse(`invalid value for option ${JSON.stringify(key)}`)
  }
  for (const [key, required] of Object.entries(needs)) {
    if (!Object.hasOwn(options, key)) continue
    const missing = required.find((other) => !Object.hasOwn(options, other))
    if (missing !== undefined) refuse(`missing required option: ${JSON.stringify(missing)}`)
  }
}

/** Quotas of a directory need a file system that is set up for them; none is. */
function checkSize(value: string, refuse: (why: string) => never): void {
  const match = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(i?b)?$/i.exec(value)
  if (match === null) refuse(`invalid size: '${value}'`)
  else if (Number(match[1]) > 0) refuse('quota size requested but no quota support')
}

/** The address of a file server in mount options: `"addr=10.0.0.1,rw"`; `""` where there is none. */
export function serverAddress(mountOptions: string): string {
  const option = mountOptions.split(',').find((word) => word.startsWith('addr='))
  return option?.slice('addr='.length) ?? ''
}

/** Mount options with nothing that is secret: for messages. */
export function withoutPassword(mountOptions: string): string {
  return mountOptions.replace(/(^|,)(password|pass)=[^,]*/g, '$1$2=********')
}
