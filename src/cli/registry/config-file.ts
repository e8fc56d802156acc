import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What is kept for one registry. */
export interface StoredAuth {
  /** base64 of `user:password`. */
  readonly auth?: string
  readonly identitytoken?: string
}

/** The client's configuration, of which only credentials are known here; the rest is kept as it is. */
export interface ClientConfig {
  readonly auths?: Readonly<Record<string, StoredAuth>>
  /** Program that keeps the credentials of one registry: `ecr-login` is `docker-credential-ecr-login`. */
  readonly credHelpers?: Readonly<Record<string, string>>
  /** Program that keeps all others. */
  readonly credsStore?: string
}

/** Where it is: that of docker, so that a log-in counts for both. */
export function configPath(env: Environment): string {
  return join(env['DOCKER_CONFIG'] ?? join(env['HOME'] ?? homedir(), '.docker'), 'config.json')
}

/** Reads it; a file that is not there is empty. @throws {Error} naming the file */
export function readConfig(path: string): ClientConfig {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ClientConfig
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Error(`Cannot read "${path}": ${(error as Error).message}`, { cause: error })
  }
}

/** Writes it as docker does, readable by its owner only; whoever reads meanwhile sees the old or the new file. */
export function writeConfig(path: string, config: ClientConfig): void {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 })
  const fresh = `${path}.${process.pid}`
  try {
    writeFileSync(fresh, JSON.stringify(config, undefined, '\t'), { mode: 0o600 })
    chmodSync(fresh, 0o600)
    renameSync(fresh, path)
  } finally {
    rmSync(fresh, { force: true })
  }
}
