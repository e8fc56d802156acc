import { EngineError } from '../base/errors.ts'
import { checkLogSettings } from '../container/logging/plan-logging.ts'
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
  if (!iptables && !icc) {
    refuse(
      'You specified --iptables=false with --icc=false. ICC=false uses iptables to function. Please set --icc or --iptables to true',
    )
  }
  checkLogging(config)
}

function checkLogging({ logDriver, logOptions }: EngineConfig): void {
  try {
    checkLogSettings({ Type: logDriver, Config: logOptions })
  } catch (cause) {
    throw new EngineError('invalid-argument', `failed to set log opts: ${(cause as Error).message}`, { cause })
  }
}
