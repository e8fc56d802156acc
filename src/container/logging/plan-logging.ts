import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import type { LogSettings } from '../create/new-container.ts'
import { parseHumanSize } from './human-size.ts'
import { checkLogAttributes } from './log-attributes.ts'

/** How a container's output is kept. */
export interface Logging {
  /** False: nothing is kept, and nothing can be read. */
  readonly kept: boolean
  /** A file that is longer is put aside, and a new one begun; `Infinity`: never. */
  readonly maxBytes: number
  /** How many files there are at most, the one that is written among them. */
  readonly maxFiles: number
}

const common = ['env', 'env-regex', 'labels', 'labels-regex', 'tag']
const cache = ['disabled', 'max-file', 'max-size', 'compress', ...common].map((key) => `cache-${key}`)
/** Taken with any driver. */
const builtIn = new Set(['mode', 'max-buffer-size', ...cache])
const known = new Set(['max-size', 'max-file', 'compress', ...common])

/** What each driver does unless told. @source Docker's json-file and local drivers */
const defaults: Readonly<Record<string, Logging>> = {
  none: { kept: false, maxBytes: Number.POSITIVE_INFINITY, maxFiles: 1 },
  'json-file': { kept: true, maxBytes: Number.POSITIVE_INFINITY, maxFiles: 1 },
  local: { kept: true, maxBytes: 20 * 1024 * 1024, maxFiles: 5 },
}

/** The drivers that there are, besides `none`. */
export const logDrivers: readonly string[] = ['json-file', 'local']

/** Whether inspect tells where the log is: Docker says so of `json-file` alone. */
export function showsLogPath({ LogConfig }: HostConfig): boolean {
  return (LogConfig?.Type || 'json-file') === 'json-file'
}

/**
 * Checks what Docker checks when a container is created: the driver, and the names of its options.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkLogSettings({ Type: driver, Config: options }: LogSettings): void {
  if (driver === 'none') return
  const refuse = (message: string): never => {
    throw new EngineError('invalid-argument', message)
  }
  const mode = options['mode'] ?? ''
  if (!['', 'blocking', 'non-blocking'].includes(mode)) refuse(`logger: logging mode not supported: ${mode}`)
  if ('max-buffer-size' in options && mode !== 'non-blocking') {
    refuse("logger: max-buffer-size option is only supported with 'mode=non-blocking'")
  }
  if (!logDrivers.includes(driver)) refuse(`logger: no log driver named '${driver}' is registered`)
  const strange = Object.keys(options).find((key) => !known.has(key) && !builtIn.has(key))
  if (strange === undefined) return
  refuse(
    driver === 'local'
      ? `unknown log opt '${strange}' for log driver local`
      : `unknown log opt '${strange}' for ${driver} log driver`,
  )
}

/**
 * What the settings of a container come to; Docker looks at their values when it starts.
 *
 * @throws {EngineError} `internal`, as with Docker, and in its words
 */
export function planLogging({ Type: driver, Config: options }: LogSettings): Logging {
  const usual = defaults[driver] ?? defaults['json-file']!
  if (!usual.kept) return usual
  try {
    const maxBytes = options['max-size'] === undefined ? usual.maxBytes : parseHumanSize(options['max-size'])
    const maxFiles = options['max-file'] === undefined ? usual.maxFiles : parseCount(options['max-file'])
    if (maxBytes <= 0) throw new RangeError('max-size must be a positive number')
    if (maxFiles < 1) throw new RangeError('max-file cannot be less than 1')
    checkCompress(options['compress'], maxFiles, maxBytes)
    checkLogAttributes(options)
    return { kept: true, maxBytes, maxFiles }
  } catch (cause) {
    throw new EngineError('internal', `failed to initialize logging driver: ${(cause as Error).message}`, { cause })
  }
}

function parseCount(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    throw new RangeError(`strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return Number(text)
}

/** Files are not compressed here; a wish for it is taken where Docker takes it. */
function checkCompress(text: string | undefined, maxFiles: number, maxBytes: number): void {
  if (text === undefined) return
  if (!/^(1|t|T|true|TRUE|True|0|f|F|false|FALSE|False)$/.test(text)) {
    throw new RangeError(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  if (/^[1tT]/.test(text) && (maxFiles === 1 || maxBytes === Number.POSITIVE_INFINITY)) {
    throw new RangeError('compress cannot be true when max-file is less than 2 or max-size is not set')
  }
}
