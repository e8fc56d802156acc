import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Engine } from './engine-test.ts'
import { type Finished, run, runOk } from './finished.ts'

const patienceMs = 60_000

/** A directory with a compose file, and Debian's docker-compose in it. */
export interface Project extends Disposable {
  readonly dir: string
  /** Runs docker-compose to its end; the exit code is the caller's to judge. */
  run(...args: string[]): Promise<Finished>
  /** Runs docker-compose, which must succeed; answers its stdout. */
  ok(...args: string[]): Promise<string>
}

/** Puts a compose file into a directory of its own. @param name  of the project: its labels and names begin with it */
export function createProject({ daemon }: Engine, name: string, file: string): Project {
  const dir = mkdtempSync(join(tmpdir(), 'wharf-compose-'))
  writeFileSync(join(dir, 'docker-compose.yml'), file)
  const env = {
    ...{ DOCKER_HOST: `unix://${daemon.socket}`, DOCKER_CONFIG: dir, HOME: dir },
    ...{ COMPOSE_PROJECT_NAME: name, COMPOSE_FILE: join(dir, 'docker-compose.yml') },
    ...{ COMPOSE_HTTP_TIMEOUT: '60', PYTHONWARNINGS: 'ignore' },
  }
  const options = { env, timeoutMs: patienceMs }
  return {
    dir,
    run: (...args) => run('/usr/bin/docker-compose', ['--ansi', 'never', ...args], options),
    ok: (...args) => runOk('/usr/bin/docker-compose', ['--ansi', 'never', ...args], options),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  }
}
