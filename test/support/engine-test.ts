import { execFileSync } from 'node:child_process'
import { getuid } from 'node:process'
import { type TestContext, test } from 'node:test'
import Docker from 'dockerode'
import { bothErrors } from './both-errors.ts'
import { type Daemon, startDaemon } from './daemon.ts'
import { type Cli, dockerCli, wharfCli } from './docker.ts'
import type { Finished } from './finished.ts'
import { createHost, type Host } from './host.ts'
import { importBusybox } from './image.ts'
import { inTime } from './in-time.ts'

const cleanUpMs = 60_000

/** An engine of one's own on a host of one's own, with the image `busybox` in it, and three ways to talk to it. */
export interface Engine {
  readonly host: Host
  readonly daemon: Daemon
  /** The unmodified docker CLI. */
  readonly docker: Cli
  /** Our own client. */
  readonly wharf: Cli
  readonly api: Docker
  /** Runs a shell line in a container, by `docker exec`. */
  sh(container: string, line: string): Promise<Finished>
}

/** How an engine of a test differs from the ordinary one. */
export interface EngineOptions {
  readonly config?: Readonly<Record<string, unknown>>
  readonly flags?: readonly string[]
  /** More for the environment of the daemon. */
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds; a test that takes longer has failed. */
  readonly timeoutMs?: number
  /** The oldest docker client whose words and exit codes the test compares with. */
  readonly dockerClient?: number
}

/** A test against a real daemon and a real kernel, with real clients, on a host that nobody else sees. */
export function engineTest(
  name: string,
  body: (engine: Engine, t: TestContext) => Promise<void>,
  { timeoutMs = 120_000, dockerClient = 0, ...options }: EngineOptions = {},
): void {
  const skip = getuid?.() === 0 ? isOlderThan(dockerClient) : 'needs root'
  test(name, { skip, timeout: timeoutMs + cleanUpMs }, async (t) => {
    await bothErrors(async () => {
      using host = createHost()
      await withEngine(host, options, (engine) => inTime(body(engine, t), timeoutMs))
    })
  })
}

/** Why a test that compares with the docker client has nothing to compare with; false when it has. */
function isOlderThan(version: number): string | false {
  if (version === 0) return false
  const said = execFileSync('docker', ['--version'], { encoding: 'utf8' })
  const major = Number(/version (\d+)/.exec(said)?.[1])
  return major < version && `compares with docker client ${version} or later; this is ${said.trim()}`
}

/** Runs `body` with an engine on `host`. When it fails, the daemon's log is added to the error. */
export async function withEngine(
  host: Host,
  options: Omit<EngineOptions, 'timeoutMs' | 'dockerClient'>,
  body: (engine: Engine) => Promise<void>,
): Promise<void> {
  await using engine = await openEngine(host, options)
  try {
    await body(engine)
  } catch (error) {
    if (error instanceof Error) error.stack += `\n\nthe daemon's log:\n${engine.daemon.log}`
    throw error
  }
}

/** Starts an engine on `host`, with its clients. Disposing of it removes all that it has made. */
export async function openEngine(
  host: Host,
  options: Omit<EngineOptions, 'timeoutMs' | 'dockerClient'>,
): Promise<Engine & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const daemon = stack.use(await startDaemon({ host, ...options }))
  const docker = stack.use(dockerCli(daemon.socket))
  const wharf = stack.use(wharfCli(daemon.socket))
  await importBusybox(docker)
  const owned = stack.move()
  return {
    ...{ host, daemon, docker, wharf },
    api: new Docker({ socketPath: daemon.socket }),
    sh: (container, line) => docker.run(['exec', container, 'sh', '-c', line]),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
