import { EngineError } from '../base/errors.ts'
import { parseClusterStore } from '../cluster/settings.ts'
import { checkLogSettings } from '../container/logging/plan-logging.ts'
import { isLoopback, parseHostResolver } from '../network/dns/host-resolver.ts'
import type { EngineConfig } from './config.ts'

/** @throws {EngineError} `invalid-argument` for settings that exclude each other; Docker's words */
export function checkTogether(config: EngineConfig): void {
  const { bridge, bip, bip6, icc, iptables } = config
  const refuse = (message: string) => {
    throw new EngineError('invalid-argument', message)
  }
  if (bridge !== '' && bip !== '') {
    refuse('You specified -b & --bip, mutually exclusive options. Please specify only one')
  }
  if (bridge !== '' && bip6 !== '') {
    refuse('You specified -b & --bip6, mutually exclusive options. Please specify only one')
  }
  checkCluster(config, refuse)
  if (!iptables && !icc) {
    refuse(
      'You specified --iptables=false with --icc=false. ICC=false uses iptables to function. Please set --icc or --iptables to true',
    )
  }
  checkHostResolver(config)
  checkLogging(config)
}

/** Names and addresses of all containers are nobody else's business, unless somebody says so. */
function checkHostResolver({ hostResolver, hostResolverExposed }: EngineConfig): void {
  const at = parseHostResolver(hostResolver)
  if (at === undefined) return
  const refuse = (why: string) => {
    throw new EngineError('invalid-argument', `Cannot use host-resolver "${hostResolver}": ${why}`)
  }
  // Answers from a socket of all addresses may come from another one than was asked.
  if (['0.0.0.0', '::'].includes(at.address)) refuse('it must be one address')
  if (!isLoopback(at.address) && !hostResolverExposed) {
    refuse('other machines may reach it; take one of 127.0.0.0/8, or set host-resolver-exposed')
  }
}

function checkLogging({ logDriver, logOptions }: EngineConfig): void {
  try {
    checkLogSettings({ Type: logDriver, Config: logOptions })
  } catch (cause) {
    throw new EngineError('invalid-argument', `failed to set log opts: ${(cause as Error).message}`, { cause })
  }
}

function checkCluster(
  { clusterStore, clusterStoreOptions, clusterAdvertise }: EngineConfig,
  refuse: (message: string) => void,
): void {
  if (clusterStore !== '') parseClusterStore(clusterStore, clusterStoreOptions)
  if ((clusterStore === '') !== (clusterAdvertise === '')) {
    refuse('Cannot join a cluster: cluster-store and cluster-advertise need each other')
  }
}
