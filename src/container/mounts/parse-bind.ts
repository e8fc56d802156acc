import { EngineError } from '../../base/errors.ts'
import type { Mount } from '../../protocol/container.ts'
import { hasMode, isMountMode, propagationOf } from './mount-modes.ts'
import type { MountWish } from './mount-wish.ts'
import { parseMount } from './parse-mount.ts'

/**
 * Reads one of `HostConfig.Binds`: `"/host:/container[:mode]"`, `"name:/container[:mode]"`, `"/container"`.
 *
 * @param volumeDriver  of `--volume-driver`; `""` for the usual one
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function parseBind(text: string, volumeDriver = ''): MountWish {
  const parts = text.split(':')
  const [first = '', second = '', mode = ''] = parts
  const isShort = parts.length === 1
  if (first === '' || parts.length > 3 || (parts.length === 2 && isMountMode(second))) throw badSpec(text)
  if (!isMountMode(mode)) throw new EngineError('invalid-argument', `invalid mode: ${mode}`)
  try {
    const wish = parseMount(longForm(isShort ? '' : first, isShort ? first : second, { mode, volumeDriver }))
    return { ...wish, mount: { ...wish.mount, mode, createsSource: wish.mount.type === 'bind' } }
  } catch (cause) {
    throw new EngineError('invalid-argument', `${badSpec(text).message}: ${(cause as Error).message}`, { cause })
  }
}

/** What `--mount` would have said. */
function longForm(
  source: string,
  target: string,
  { mode, volumeDriver }: { readonly mode: string; readonly volumeDriver: string },
): Mount {
  const isBind = source.startsWith('/')
  const propagation = propagationOf(mode)
  const noCopy = hasMode(mode, 'nocopy')
  const driver = !isBind && volumeDriver !== '' ? { DriverConfig: { Name: volumeDriver } } : {}
  return {
    Type: isBind ? 'bind' : 'volume',
    Source: source,
    Target: target,
    ReadOnly: hasMode(mode, 'ro'),
    ...(propagation === undefined ? {} : { BindOptions: { Propagation: propagation } }),
    ...(noCopy || 'DriverConfig' in driver ? { VolumeOptions: { NoCopy: noCopy, ...driver } } : {}),
  }
}

function badSpec(text: string): EngineError {
  return new EngineError('invalid-argument', `invalid volume specification: '${text}'`)
}
