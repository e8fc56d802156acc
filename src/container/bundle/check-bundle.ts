import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import { checkCapabilityNames } from './capabilities.ts'
import { planRlimits } from './rlimits.ts'
import { parseSecurityOptions } from './security-options.ts'

/**
 * Checks, when a container is created, what would otherwise fail at its start. Plain values are checked at the API's door.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words, `not-implemented` for what this engine does not do
 */
export function checkBundle(hostConfig: HostConfig): void {
  checkCapabilityNames(hostConfig)
  parseSecurityOptions(hostConfig.SecurityOpt ?? [])
  planRlimits(hostConfig.Ulimits ?? [], undefined)
  checkModes(hostConfig)
}

function checkModes({ IpcMode = '', PidMode = '', UTSMode = '', CgroupnsMode = '' }: HostConfig): void {
  const modes = [
    ['IPC', IpcMode, ['', 'none', 'private', 'shareable', 'host']],
    ['PID', PidMode, ['', 'private', 'host']],
    ['UTS', UTSMode, ['', 'private', 'host']],
    ['cgroup namespace', CgroupnsMode, ['', 'private', 'host']],
  ] as const
  for (const [name, mode, known] of modes) {
    if (name === 'PID' && /^container:./.test(mode)) continue
    if (name === 'IPC' && mode.startsWith('container:')) {
      throw new EngineError(
        'not-implemented',
        `Cannot use IPC mode "${mode}": joining another container's memory is not there yet`,
      )
    }
    if (!known.some((word) => word === mode)) throw new EngineError('invalid-argument', `invalid ${name} mode: ${mode}`)
  }
}
