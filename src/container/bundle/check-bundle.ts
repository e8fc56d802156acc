import { basename } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { HostConfig } from '../../protocol/container.ts'
import { checkCapabilityNames } from './capabilities.ts'
import { planRlimits } from './rlimits.ts'
import { parseSecurityOptions } from './security-options.ts'

/**
 * Checks, when a container is created, what would otherwise fail at its start. Plain values are checked at the API's door.
 *
 * @param runtime  path of the only runtime that there is
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkBundle(hostConfig: HostConfig, runtime: string): void {
  checkCapabilityNames(hostConfig)
  parseSecurityOptions(hostConfig.SecurityOpt ?? [])
  planRlimits(hostConfig.Ulimits ?? [], undefined)
  checkModes(hostConfig)
  checkPlatform(hostConfig, runtime)
}

/** The words of each mode; `container:` takes the name of another container. */
function checkModes({
  IpcMode = '',
  PidMode = '',
  UTSMode = '',
  CgroupnsMode = '',
  UsernsMode = '',
}: HostConfig): void {
  const modes = [
    ['IPC', IpcMode, ['', 'none', 'private', 'shareable', 'host'], /^container:/],
    ['PID', PidMode, ['', 'host'], /^container:./],
    ['UTS', UTSMode, ['', 'host'], undefined],
    ['cgroup namespace', CgroupnsMode, ['', 'private', 'host'], undefined],
    ['user namespace', UsernsMode, ['', 'host'], undefined],
  ] as const
  for (const [name, mode, known, joins] of modes) {
    if (joins?.test(mode) || known.some((word) => word === mode)) continue
    throw new EngineError('invalid-argument', `invalid ${name} mode: ${mode}`)
  }
}

/** What Docker has for other systems, other file systems and other runtimes. */
function checkPlatform({ Runtime = '', Isolation = '', StorageOpt }: HostConfig, runtime: string): void {
  if (!['', runtime, basename(runtime)].includes(Runtime)) {
    throw new EngineError('invalid-argument', `unknown or invalid runtime name: ${Runtime}`)
  }
  if (!['', 'default'].includes(Isolation.toLowerCase())) {
    throw new EngineError('invalid-argument', `invalid isolation (${Isolation}): linux only supports 'default'`)
  }
  if (Object.keys(StorageOpt ?? {}).length > 0) {
    const why = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option"
    throw new EngineError('internal', why)
  }
}
