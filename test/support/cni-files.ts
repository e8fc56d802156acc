import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from './engine-test.ts'

/** Where Debian's plugins are. */
export const cniPath = '/usr/lib/cni'

/** A directory for configurations, and for the addresses that plugins give out. */
export function scratch() {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-cni-'))
  return {
    dir,
    write(name: string, config: unknown): string {
      const path = join(dir, name)
      writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config))
      return path
    },
    /** Addresses that host-local has given out and not got back. */
    leases: (network: string) =>
      existsSync(join(dir, network)) ? readdirSync(join(dir, network)).filter((name) => /^\d/.test(name)) : [],
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  }
}

/** An address of a container on its only network. */
export const addressOf = ({ docker }: Engine, container: string, field = 'IPAddress') =>
  docker.ok('inspect', '-f', `{{range .NetworkSettings.Networks}}{{.${field}}}{{end}}`, container)
