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
  { name: 'tls', kind: 'bool', help: 'Use TLS; implied by --tlsverify' },
  {
    name: 'tlscacert',
    kind: 'string',
    help: 'Trust certs signed only by this CA (ca.pem in DOCKER_CERT_PATH, else ~/.docker)',
  },
  { name: 'tlscert', kind: 'string', help: 'Path to TLS certificate file (cert.pem there)' },
  { name: 'tlskey', kind: 'string', help: 'Path to TLS key file (key.pem there)' },
  { name: 'tlsverify', kind: 'bool', help: 'Use TLS and verify the remote (DOCKER_TLS_VERIFY)' },
  { name: 'version', short: 'v', kind: 'bool', help: 'Print version information and quit' },
]
