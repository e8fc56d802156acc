import { closeSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { KernelError } from '../../base/errors.ts'
import { createPipe, type Descriptor } from '../../kernel/descriptors.ts'
import type { Poller } from '../../kernel/poller.ts'
import { receiveDescriptor, setTerminalSize, TerminalStream } from '../../kernel/processes/pty.ts'
import { spawnProgram } from '../../kernel/processes/spawn.ts'
import { listenUnix } from '../../kernel/sockets/seqpacket.ts'
import type { Session, SessionStreams, TerminalSize } from '../attach/session.ts'
import type { OciProcess } from '../bundle/oci.ts'
import { renderOci } from '../bundle/plan-bundle.ts'
import { type OciRuntime, runtimeEnvironment } from '../process/oci-runtime.ts'
import { type ExecFiles, execFiles } from './exec-files.ts'
import { ExecOutput, emptyOutput } from './exec-output.ts'
import { BufferPool, readPooledPipe } from './pooled-pipe.ts'

/** What the kernel keeps of a stream while nobody reads: enough to make wake-ups rare. */
const pipeBytes = 1_048_576

/** What is needed to run one exec. */
export interface ExecRunParts {
  readonly id: string
  readonly containerId: string
  readonly runDir: string
  readonly runtime: OciRuntime
  readonly poller: Poller
  readonly process: OciProcess
  readonly streams: SessionStreams
  readonly isProbe: boolean
  readonly size: TerminalSize | undefined
  /** Runs `start`, which is synchronous: what it starts is where the container's processes are. */
  within<Result>(start: () => Result): Result
}

/** An exec that runs. */
export interface ExecRun {
  readonly session: Session
  /** Settles with the exit code; 128 and the signal for a killed one. Never rejects. */
  readonly exited: Promise<number>
  /** Number on the host of the exec's process; 0 while it is not known. */
  pid(): number
  resize(size: TerminalSize): void
}

/** Runs a process in a running container, on pipes or on a terminal of its own. */
export async function runExec(parts: ExecRunParts): Promise<ExecRun> {
  const files = execFiles(parts)
  writeFileSync(files.process, renderOci(parts.process), { mode: 0o600 })
  const started = parts.process.terminal ? await startOnTerminal(parts, files) : startOnPipes(parts, files)
  void started.exited.then(() => {
    for (const path of Object.values(files)) rmSync(path, { force: true })
  })
  const pidText = () => (existsSync(files.pid) ? readFileSync(files.pid, 'utf8') : '')
  return { ...started, pid: () => Number.parseInt(pidText(), 10) || 0 }
}

type Started = Omit<ExecRun, 'pid'>

/** @returns what the exec's end is told by: 126 when the runtime itself cannot be started */
function spawnExec(
  { runtime, containerId, poller, within }: ExecRunParts,
  { process: processFile, pid }: ExecFiles,
  stdio: readonly ('ignore' | number)[],
  ...more: string[]
): Promise<number> {
  const words = ['exec', '--process', processFile, '--pid-file', pid, ...more, containerId]
  const args = [...runtime.globalArguments, ...words]
  try {
    return within(() => spawnProgram({ path: runtime.path, args, env: runtimeEnvironment(), stdio, poller })).exited
  } catch (error) {
    if (error instanceof KernelError) return Promise.resolve(126)
    throw error
  }
}

function startOnPipes(parts: ExecRunParts, files: ExecFiles): Started {
  const { streams } = parts
  using childEnds = new DisposableStack()
  using undo = new DisposableStack()
  const pool = new BufferPool()
  const read = (fd: number) => readPooledPipe(fd, pool)
  const open = (ours: 'read' | 'write', adopt: (fd: number) => Socket) => {
    const end = openEnd(ours, childEnds, adopt)
    undo.defer(() => end.socket.destroy())
    return end
  }
  const input = streams.stdin ? open('write', (fd) => new Socket({ fd, readable: false })) : undefined
  const output = streams.stdout ? open('read', read) : undefined
  const errors = streams.stderr ? open('read', read) : undefined
  const exited = spawnExec(
    parts,
    files,
    [input, output, errors].map((end) => end?.childFd ?? 'ignore'),
  )
  // The process may end without reading its input: what it did not read is lost, as in every pipe.
  input?.socket.on('error', () => {})
  const recycle = (piece: Uint8Array) => pool.recycle(piece)
  const ends = { stdin: input?.socket, stdout: output?.socket, stderr: errors?.socket }
  const session = createSession({ ...ends, exited, recycle })
  undo.move()
  return { session, exited, resize() {} }
}

async function startOnTerminal(parts: ExecRunParts, files: ExecFiles): Promise<Started> {
  using listener = listenUnix(files.console)
  const exited = spawnExec(parts, files, ['ignore', 'ignore', 'ignore'], '--console-socket', files.console)
  const master = await receiveMaster(listener, parts.poller, exited)
  if (master === undefined) return { session: createSession({ exited }), exited, resize() {} }
  if (parts.size !== undefined) setTerminalSize(master.fd, parts.size)
  const terminal = new TerminalStream(master, parts.poller)
  void exited.then(() => terminal.drain())
  const session = createSession({ stdin: parts.streams.stdin ? terminal : undefined, stdout: terminal, exited })
  return { session, exited, resize: (size) => terminal.resize(size) }
}

/** Undefined when the runtime ended without handing a terminal over. */
async function receiveMaster(
  listener: Descriptor,
  poller: Poller,
  exited: Promise<number>,
): Promise<Descriptor | undefined> {
  const over = new AbortController()
  void exited.then(() => over.abort())
  return receiveDescriptor(listener, poller, over.signal).catch((error: unknown) => {
    if (over.signal.aborted) return undefined
    throw error
  })
}

interface PipeEnd {
  readonly childFd: number
  readonly socket: Socket
}

/** A pipe whose other end becomes a stream of the child's. @param ours  what the engine does with it */
function openEnd(ours: 'read' | 'write', childEnds: DisposableStack, adopt: (fd: number) => Socket): PipeEnd {
  const { readFd, writeFd } = createPipe(pipeBytes)
  const [ownFd, childFd] = ours === 'read' ? [readFd, writeFd] : [writeFd, readFd]
  childEnds.defer(() => closeSync(childFd))
  return { childFd, socket: adopt(ownFd) }
}

interface SessionParts {
  readonly stdin?: Writable | undefined
  readonly stdout?: Readable | undefined
  readonly stderr?: Readable | undefined
  readonly exited: Promise<number>
  readonly recycle?: (piece: Uint8Array) => void
}

function createSession({ stdin, stdout, stderr, exited, recycle }: SessionParts): Session {
  const output = stdout && new ExecOutput(stdout, exited)
  const errors = stderr && new ExecOutput(stderr, exited)
  const outputs = [output, errors].filter((stream) => stream !== undefined)
  const disposed = Promise.withResolvers<void>()
  const over = Promise.all([exited, ...outputs.map((stream) => stream.over(exited))]).then(() => {})
  return {
    stdout: output ?? emptyOutput(exited),
    ...(errors ? { stderr: errors } : {}),
    ...(stdin ? { stdin } : {}),
    ...(recycle ? { recycle } : {}),
    closed: Promise.race([over, disposed.promise]),
    [Symbol.dispose]() {
      for (const stream of outputs) stream.destroy()
      if (stdin !== undefined && !stdin.writableEnded) stdin.end()
      disposed.resolve()
    },
  }
}
