import { realpathSync } from 'node:fs'
import { EngineError } from '../../base/errors.ts'
import { type MountEntry, readMounts } from '../../kernel/mounts.ts'

/**
 * Checks that mounts can reach the host, or come from it, as a bind's propagation promises.
 *
 * @throws {EngineError} `internal` in Docker's words
 */
export function checkPropagation(source: string, propagation: string): void {
  const wanted = propagation.replace(/^r/, '')
  if (wanted !== 'shared' && wanted !== 'slave') return
  const mount = mountOf(realpathSync(source))
  const { shared = false, slave = false } = mount?.propagation ?? {}
  if (shared || (wanted === 'slave' && slave)) return
  const what = wanted === 'shared' ? 'a shared' : 'a shared or slave'
  throw new EngineError('internal', `path ${source} is mounted on ${mount?.target ?? '/'} but it is not ${what} mount`)
}

/** The mount that a path lies on: of several at one place the last. */
function mountOf(path: string): MountEntry | undefined {
  const above = readMounts().filter(({ target }) => path === target || path.startsWith(target.replace(/\/?$/, '/')))
  return above.reduce<MountEntry | undefined>(
    (nearest, mount) => (nearest === undefined || mount.target.length >= nearest.target.length ? mount : nearest),
    undefined,
  )
}
