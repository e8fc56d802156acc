import { normalize } from 'node:path/posix'
import { EngineError } from '../../base/errors.ts'
import type { HostConfig, Mount } from '../../protocol/container.ts'

const propagations = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']
/** Words that other systems give a meaning: SELinux labels, file sharing of desktop machines. */
const ignoredModes = ['z', 'Z', 'nocopy', 'consistent', 'cached', 'delegated', 'default']

/** A directory or file of the host, shown in a container. */
export interface BindMount {
  readonly source: string
  readonly target: string
  readonly readOnly: boolean
  readonly propagation: string
  /** Make the host's directory when there is none: `-v` does, `--mount` does not. */
  readonly createSource: boolean
}

/** Memory shown as a directory. */
export interface TmpfsMount {
  readonly target: string
  /** As mount(8) takes them: `["size=64m", "mode=1777", "exec"]`. */
  readonly options: readonly string[]
}

/** All that the user mounts into a container. */
export interface UserMounts {
  readonly binds: readonly BindMount[]
  readonly tmpfs: readonly TmpfsMount[]
}

/**
 * Reads `Binds`, `Mounts` and `Tmpfs`.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words; `not-implemented` for volumes, which have names
 */
export function parseUserMounts({ Binds, Mounts, Tmpfs }: Pick<HostConfig, 'Binds' | 'Mounts' | 'Tmpfs'>): UserMounts {
  const long = Mounts ?? []
  const binds = [
    ...(Binds ?? []).map(parseBind),
    ...long.filter(({ Type }) => Type === 'bind').map(parseBindMount),
    ...long.filter(({ Type }) => Type === 'volume').map(refuseVolume),
  ]
  const tmpfs = [
    ...Object.entries(Tmpfs ?? {}).map(([target, options]) => ({
      target: checkTarget(target, target),
      options: options.split(',').filter(Boolean),
    })),
    ...long.filter(({ Type }) => Type === 'tmpfs').map(parseTmpfsMount),
  ]
  checkOnce([...binds, ...tmpfs].map(({ target }) => target))
  return { binds, tmpfs }
}

/** `source:target[:mode,…]` */
function parseBind(text: string): BindMount {
  const [source = '', target = '', mode = '', ...rest] = text.split(':')
  if (source === '' || target === '' || rest.length > 0) throw invalid(`invalid volume specification: '${text}'`)
  const words = mode.split(',').filter(Boolean)
  const known = (word: string) => ['ro', 'rw', ...propagations, ...ignoredModes].includes(word)
  if (!words.every(known) || (words.includes('ro') && words.includes('rw'))) throw invalid(`invalid mode: ${mode}`)
  if (!source.startsWith('/')) return refuseVolume({ Source: source, Target: target })
  return {
    source: normalize(source),
    target: checkTarget(target, text),
    readOnly: words.includes('ro'),
    propagation: words.find((word) => propagations.includes(word)) ?? 'rprivate',
    createSource: true,
  }
}

function parseBindMount({ Source = '', Target, ReadOnly, BindOptions }: Mount): BindMount {
  const problem = (why: string) => invalid(`invalid mount config for type "bind": ${why}`)
  if (Source === '') throw problem('field Source must not be empty')
  if (Target === '') throw problem('field Target must not be empty')
  if (!Source.startsWith('/')) throw problem(`invalid mount path: '${Source}' mount path must be absolute`)
  const propagation = BindOptions?.Propagation || 'rprivate'
  if (!propagations.includes(propagation)) throw problem(`invalid propagation mode: ${propagation}`)
  return {
    source: normalize(Source),
    target: checkTarget(Target, Target),
    readOnly: ReadOnly ?? false,
    propagation,
    createSource: BindOptions?.CreateMountpoint ?? false,
  }
}

function parseTmpfsMount({ Target, ReadOnly, TmpfsOptions }: Mount): TmpfsMount {
  const { SizeBytes = 0, Mode = 0 } = TmpfsOptions ?? {}
  return {
    target: checkTarget(Target, Target),
    options: [
      ...(ReadOnly ? ['ro'] : []),
      ...(SizeBytes > 0 ? [`size=${SizeBytes}`] : []),
      ...(Mode > 0 ? [`mode=${Mode.toString(8)}`] : []),
    ],
  }
}

function refuseVolume({ Source = '', Target }: Pick<Mount, 'Source' | 'Target'>): never {
  throw new EngineError(
    'not-implemented',
    `Cannot mount volume "${Source}" on "${Target}": named volumes do not exist yet; give an absolute path of the host`,
  )
}

function checkTarget(target: string, whole: string): string {
  if (!target.startsWith('/')) {
    throw invalid(
      `invalid volume specification: '${whole}': invalid mount path: '${target}' mount path must be absolute`,
    )
  }
  const path = normalize(target).replace(/(?<=.)\/$/, '')
  if (path === '/') throw invalid("invalid specification: destination can't be '/'")
  return path
}

function checkOnce(targets: readonly string[]): void {
  const twice = targets.find((target, i) => targets.indexOf(target) !== i)
  if (twice !== undefined) throw invalid(`Duplicate mount point: ${twice}`)
}

function invalid(message: string): EngineError {
  return new EngineError('invalid-argument', message)
}
