import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import type { OciDeviceRule } from './oci.ts'

/**
 * Reads rules for devices that may come later: `"c 42:* rmw"`, `"a *:* rwm"`.
 *
 * @throws {EngineError} `internal` in Docker's words
 */
export function parseDeviceRules(rules: readonly string[]): readonly OciDeviceRule[] {
  return rules.map((rule) => {
    const [, type, major, minor, access = ''] = /^([acb]) (\d+|\*):(\d+|\*) ([rwm]{1,3})$/.exec(rule) ?? []
    if (type === undefined) throw new EngineError('internal', `invalid device cgroup rule format: '${rule}'`)
    return {
      allow: true,
      type: type as 'a' | 'b' | 'c',
      ...(major === '*' ? {} : { major: Number(major) }),
      ...(minor === '*' ? {} : { minor: Number(minor) }),
      access,
    }
  })
}

/**
 * There is no driver for devices that are asked for by what they can do.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words: `--gpus`
 */
export function refuseDeviceRequests({ DeviceRequests }: Pick<HostConfig, 'DeviceRequests'>): void {
  const [request] = DeviceRequests ?? []
  if (request === undefined) return
  const sets = (request.Capabilities ?? []).map((set) => `[${set.join(' ')}]`).join(' ')
  throw new EngineError(
    'invalid-argument',
    `could not select device driver "${request.Driver ?? ''}" with capabilities: [${sets}]`,
  )
}
