import type { Readable } from 'node:stream'
import { rfc3339Now } from '../../base/clock.ts'
import type { ExecRequest } from '../containers.ts'
import type { Execs } from '../exec/execs.ts'
import type { ProbeResult } from './next-health.ts'

/** Bytes of a probe's output that are kept. */
const mostOutput = 4096
/** How long the runtime may take to begin; the time-out counts from then. */
const startMs = 30_000
/** Of a probe that could not be run, or took too long. */
const noExitCode = -1

/** One probe to run. */
export interface ProbeWish {
  readonly execs: Execs
  readonly containerId: string
  readonly command: readonly string[]
  readonly timeoutMs: number
  /** Ends the probe at once. */
  readonly signal: AbortSignal
}

/** Runs one probe to its end: it exits, or is killed after its time, or by the signal. Never rejects. */
export async function runProbe(wish: ProbeWish): Promise<ProbeResult> {
  const start = rfc3339Now()
  const { exitCode, output } = await run(wish).catch((error: unknown) => ({
    exitCode: noExitCode,
    output: (error as Error).message,
  }))
  return { start, end: rfc3339Now(), exitCode, output }
}

async function run({ execs, containerId, command, timeoutMs, signal }: ProbeWish): Promise<Outcome> {
  const id = await execs.create(containerId, probeRequest(command))
  try {
    signal.throwIfAborted()
    const session = await execs.start(id)
    const output = new CappedOutput(session.stdout, session.stderr)
    const killed = killAfter(execs, id, timeoutMs, signal)
    try {
      await Promise.all([session.closed, ended(session.stdout), ended(session.stderr)])
    } finally {
      clearTimeout(killed.timer)
      signal.removeEventListener('abort', killed.now)
      session[Symbol.dispose]()
    }
    if (killed.late) return { exitCode: noExitCode, output: lateText(timeoutMs, output.text) }
    const { exitCode = noExitCode, refused } = execs.inspect(id)
    // What cannot be run at all has no exit code of its own.
    return refused ? { exitCode: noExitCode, output: output.text.trim() } : { exitCode, output: output.text }
  } finally {
    execs.forget(id)
  }
}

interface Outcome {
  readonly exitCode: number
  readonly output: string
}

/** Kills an exec when its time is over, or when the signal says so. */
function killAfter(execs: Execs, id: string, timeoutMs: number, signal: AbortSignal) {
  const kill = {
    late: false,
    timer: undefined as NodeJS.Timeout | undefined,
    now: () => void execs.kill(id),
  }
  const began = performance.now()
  const fire = (): void => {
    if (execs.inspect(id).pid === 0 && performance.now() - began < startMs) {
      kill.timer = setTimeout(fire, timeoutMs) // the runtime has not got round to it yet
      return
    }
    kill.late = true
    kill.now()
  }
  kill.timer = setTimeout(fire, timeoutMs)
  signal.addEventListener('abort', kill.now, { once: true })
  if (signal.aborted) kill.now()
  return kill
}

function ended(stream: Readable | undefined): Promise<void> | undefined {
  return stream && new Promise((resolve) => stream.once('close', resolve))
}

/** The beginning of what a probe wrote to both streams. */
class CappedOutput {
  readonly #chunks: Buffer[] = []
  #length = 0
  #isCut = false

  constructor(...streams: readonly (Readable | undefined)[]) {
    for (const stream of streams) stream?.on('data', (chunk: Buffer) => this.#add(chunk))
  }

  #add(chunk: Buffer): void {
    const room = mostOutput - this.#length
    if (chunk.length > room) this.#isCut = true
    if (room <= 0) return
    const kept = Buffer.from(chunk.subarray(0, room)) // a copy: the chunk's own memory is larger
    this.#chunks.push(kept)
    this.#length += kept.length
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString() + (this.#isCut ? '...' : '')
  }
}

/** Docker's words, with the time as Go writes it. */
function lateText(timeoutMs: number, output: string): string {
  const words = `Health check exceeded timeout (${goDuration(timeoutMs)})`
  return output === '' ? words : `${words}: ${output}`
}

/** `"30s"`, `"1m30s"`, `"1h0m0s"`, `"500ms"`. @source the Go standard library, `time.Duration.String` */
export function goDuration(ms: number): string {
  if (ms < 1000) return `${ms}ms`
  const [hours, minutes] = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60]
  const seconds = `${Number(((ms % 60_000) / 1000).toFixed(9))}s`
  if (hours > 0) return `${hours}h${minutes}m${seconds}`
  return minutes > 0 ? `${minutes}m${seconds}` : seconds
}

function probeRequest(command: readonly string[]): ExecRequest {
  return {
    command,
    environment: [],
    user: '',
    workingDir: '',
    privileged: false,
    terminal: false,
    streams: { stdin: false, stdout: true, stderr: true },
    detachKeys: '',
    isProbe: true,
  }
}
