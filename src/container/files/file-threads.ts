import { closeSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import { EngineError } from '../../base/errors.ts'
import { Slots } from '../../base/slots.ts'
import type { FileAnswer, FileChange, FileJob, FoundPath } from './job.ts'

const program = new URL('./thread/file-thread.ts', import.meta.url)
/** Jobs at the same time; each takes a thread, also while its client is slow. */
const mostThreads = 64
/** Descriptors come from, and go to, other threads. What is young is only headers: the default would take 48 MB a thread. */
const workerOptions = {
  name: 'wharf files',
  env: {},
  trackUnmanagedFds: false,
  resourceLimits: { maxYoungGenerationSizeMb: 4 },
}
/** How long a thread without work is kept: a copy asks two or three times in a row. */
const idleMs = 15_000

/** Threads that work on containers' files. One that is idle is kept for a while. */
export class FileThreads implements AsyncDisposable {
  readonly #slots = new Slots(() => mostThreads)
  readonly #closing = new AbortController()
  readonly #busy = new Set<Worker>()
  #idle: { readonly worker: Worker; readonly timer: NodeJS.Timeout } | undefined

  /**
   * Runs a job to its end.
   *
   * @param onFound  told, before anything is written, what the path leads to
   * @returns the changes, of a job that asks for them
   * @throws {EngineError} what the thread says
   */
  async run(job: FileJob, onFound?: (found: FoundPath) => void): Promise<readonly FileChange[]> {
    using _ = await this.#slots.take(this.#closing.signal).catch((error: unknown) => {
      closePipeOf(job) // no thread will
      throw error
    })
    const worker = this.#take()
    try {
      const changes = await answerOf(worker, job, onFound)
      // One that has mounts of its own sees the host's no more as they are.
      if ('view' in job && job.view.kind === 'private') await worker.terminate()
      else this.#keep(worker)
      return changes
    } catch (error) {
      await worker.terminate()
      throw error
    } finally {
      this.#busy.delete(worker)
    }
  }

  #take(): Worker {
    const idle = this.#idle
    this.#idle = undefined
    clearTimeout(idle?.timer)
    const worker = idle?.worker ?? new Worker(program, workerOptions)
    worker.ref()
    this.#busy.add(worker)
    return worker
  }

  #keep(worker: Worker): void {
    if (this.#idle !== undefined || this.#closing.signal.aborted) {
      void worker.terminate()
      return
    }
    const timer = setTimeout(() => {
      this.#idle = undefined
      void worker.terminate()
    }, idleMs)
    timer.unref()
    worker.unref()
    this.#idle = { worker, timer }
  }

  /** Ends all threads. The pipes of their jobs must be closed before, so that none waits for bytes. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new EngineError('unavailable', 'the engine ends'))
    clearTimeout(this.#idle?.timer)
    await Promise.all([...this.#busy, ...(this.#idle ? [this.#idle.worker] : [])].map((worker) => worker.terminate()))
  }
}

async function answerOf(
  worker: Worker,
  job: FileJob,
  onFound: ((found: FoundPath) => void) | undefined,
): Promise<readonly FileChange[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly FileChange[]>()
  const take = (answer: FileAnswer) => {
    if (answer.kind === 'found') onFound?.(answer.found)
    else if (answer.kind === 'done') resolve(answer.changes ?? [])
    else reject(errorOf(answer.error))
  }
  const ended = () => reject(new EngineError('internal', 'the thread that worked on the files has ended'))
  worker.on('message', take).once('error', reject).once('exit', ended)
  worker.postMessage(job)
  try {
    return await promise
  } finally {
    worker.removeListener('message', take).removeListener('error', reject).removeListener('exit', ended)
  }
}

function closePipeOf(job: FileJob): void {
  if ('outputFd' in job) closeSync(job.outputFd)
  if ('inputFd' in job) closeSync(job.inputFd)
}

/** Without a kind it is a bug of ours. */
function errorOf({ kind, message }: Extract<FileAnswer, { kind: 'failed' }>['error']): Error {
  return kind === undefined ? new Error(message) : new EngineError(kind, message)
}
