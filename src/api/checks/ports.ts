import { isIP } from 'node:net'
import { EngineError } from '../../base/errors.ts'
import type { ContainerConfig, HostConfig } from '../../protocol/container.ts'

/**
 * Refuses ports, ranges and host addresses that are none.
 *
 * @throws {EngineError} `invalid-argument` in Docker's words
 */
export function checkPorts({ ExposedPorts }: ContainerConfig, { PortBindings }: HostConfig): void {
  for (const key of Object.keys(ExposedPorts ?? {}))
    checkPort(key, /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(?:tcp|udp|sctp))?$/i)
  for (const [key, bindings] of Object.entries(PortBindings ?? {})) {
    checkPort(key, /^(\d{1,5})(?:\/(?:tcp|udp|sctp))?$/i)
    for (const { HostIp = '', HostPort = '' } of bindings ?? []) {
      if (HostPort !== '') checkPort(HostPort, /^(\d{1,5})(?:-(\d{1,5}))?$/, 0)
      const address = HostIp.replace(/^\[(.*)\]$/, '$1')
      if (address !== '' && (isIP(address) === 0 || address.includes('%'))) {
        throw new EngineError('invalid-argument', `invalid IP address in port binding: "${HostIp}"`)
      }
    }
  }
}

function checkPort(text: string, form: RegExp, least = 1): void {
  const [, first, last = first] = form.exec(text) ?? []
  const [from, to] = [Number(first), Number(last)]
  if (!(from >= least && from <= to && to <= 65_535)) {
    throw new EngineError('invalid-argument', `invalid port specification: "${text}"`)
  }
}
