import type { FlagSpec } from './flag-spec.ts'

/** Flags that stand before the command: `wharf -H unix:///tmp/w.sock ps`. */
export const globalFlags: readonly FlagSpec[] = [
  { name: 'debug', short: 'D', kind: 'bool', help: 'Print the stack of a failure' },
  {
    name: 'host',
    short: 'H',
    kind: 'list',
    typeName: 'string',
    help: 'Daemon socket to connect to (WHARF_HOST, then DOCKER_HOST, else unix:///run/wharf.sock)',
  },
  { name: 'version', short: 'v', kind: 'bool', help: 'Print version information and quit' },
]
