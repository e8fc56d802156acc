import { parseArgs } from 'node:util'
import { EngineError } from '../base/errors.ts'
import type { EngineConfig } from '../engine/config.ts'

/** What the command line of `wharf daemon` says. */
export interface DaemonFlags {
  /** Path of the configuration file; it must exist when it was named. */
  readonly configFile: string | undefined
  readonly help: boolean
  readonly settings: Partial<EngineConfig>
}

/** What `wharf daemon --help` prints. */
export const usage = `Usage: wharf daemon [OPTIONS]

Run the engine in the foreground. The network namespace it is started in is its "host".

Options:
  -H, --host unix://PATH    where the API listens; may be given several times (default unix:///run/wharf.sock)
      --data-root DIR       images, containers, the database (default /var/lib/wharf)
      --exec-root DIR       namespaces, bundles, sockets of what runs (default /run/wharf)
      --config FILE         settings as JSON (default /etc/wharf/daemon.json, when there)
      --userland-proxy      carry published ports by a proxy as well
      --log-level LEVEL     debug, info, warn or error (default info)
  -D, --debug               the same as --log-level debug
  -h, --help                this text
`

/** @throws {EngineError} `invalid-argument` for flags that do not exist */
export function parseFlags(words: readonly string[]): DaemonFlags {
  const { values } = parse(words)
  const level = values.debug ? 'debug' : values['log-level']
  return {
    configFile: values.config,
    help: values.help ?? false,
    settings: {
      ...(values.host ? { hosts: values.host } : {}),
      ...(values['data-root'] ? { dataRoot: values['data-root'] } : {}),
      ...(values['exec-root'] ? { execRoot: values['exec-root'] } : {}),
      ...(values['userland-proxy'] === undefined ? {} : { userlandProxy: values['userland-proxy'] }),
      ...(level ? { logLevel: level as EngineConfig['logLevel'] } : {}),
    },
  }
}

function parse(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        host: { type: 'string', short: 'H', multiple: true },
        'data-root': { type: 'string' },
        'exec-root': { type: 'string' },
        config: { type: 'string' },
        'userland-proxy': { type: 'boolean' },
        'log-level': { type: 'string' },
        debug: { type: 'boolean', short: 'D' },
        help: { type: 'boolean', short: 'h' },
      },
      allowNegative: true,
    })
  } catch (cause) {
    throw new EngineError('invalid-argument', (cause as Error).message, { cause })
  }
}
