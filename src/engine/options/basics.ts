import type { EngineConfig } from '../config.ts'
import { boolean, list, map, oneOf, text } from './kinds.ts'
import { option } from './option.ts'

/** Where the engine is, how it speaks, what it tells of itself. */
export const basics = {
  hosts: option({
    key: 'hosts',
    flag: 'host',
    short: 'H',
    kind: list,
    fallback: ['unix:///run/wharf.sock'],
    doc: 'Where the API listens: `unix://PATH`, `tcp://ADDRESS:PORT` (see `tlsverify`), `fd://` for the sockets that systemd hands over, `fd://NAME` or `fd://3` for one.',
  }),
  dataRoot: option({
    key: 'data-root',
    kind: text,
    fallback: '/var/lib/wharf',
    doc: 'Directory of everything that outlives a reboot: images, containers, the database.',
  }),
  execRoot: option({
    key: 'exec-root',
    kind: text,
    fallback: '/run/wharf',
    doc: 'Directory of what runs now: network namespaces, bundles, sockets.',
  }),
  pidfile: option({
    key: 'pidfile',
    short: 'p',
    kind: text,
    fallback: '',
    doc: 'File that holds the process id while the engine runs; empty: none.',
  }),
  labels: option({
    key: 'labels',
    flag: 'label',
    kind: list,
    fallback: [],
    reloadable: true,
    doc: 'Labels of this engine, shown by `info`: `key=value`.',
  }),
  debug: option({
    key: 'debug',
    short: 'D',
    kind: boolean,
    fallback: false,
    reloadable: true,
    doc: 'Log at level `debug`, whatever `log-level` says.',
  }),
  logLevel: option<EngineConfig['logLevel']>({
    key: 'log-level',
    short: 'l',
    kind: oneOf('debug', 'info', 'warn', 'error', 'fatal'),
    fallback: 'info',
    reloadable: true,
    doc: 'Least severe messages to log: `debug`, `info`, `warn`, `error` or `fatal`.',
  }),
  liveRestore: option({
    key: 'live-restore',
    kind: boolean,
    fallback: true,
    doc: 'Containers run on while the engine is away. Docker’s default is `false`; with it, containers are stopped when the engine ends.',
  }),
  runtime: option({
    key: 'runtime',
    kind: text,
    fallback: 'crun',
    doc: 'Name or path of the OCI runtime. Docker has no such setting.',
  }),
  usernsRemap: option({
    key: 'userns-remap',
    kind: text,
    fallback: '',
    check: (value) => (value === '' ? undefined : 'Wharf has no user namespaces for containers; leave it out'),
    doc: 'Docker’s user namespaces for all containers. Wharf has none, and does not start rather than to ignore this.',
  }),
  logDriver: option({
    key: 'log-driver',
    kind: text,
    fallback: 'json-file',
    doc: 'Where the output of containers goes that name no driver: `json-file`, `local` (both keep files; `local` at most 5 of 20 MiB) or `none`.',
  }),
  logOptions: option({
    key: 'log-opts',
    flag: 'log-opt',
    kind: map,
    fallback: {},
    doc: 'Options of that driver: `max-size=10m` begins a new file, `max-file=3` keeps so many. `compress` and what adds attributes is taken without effect.',
  }),
} as const
