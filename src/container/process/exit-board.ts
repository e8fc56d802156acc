/** How a container ended. */
export interface ExitStatus {
  readonly exitCode: number
  readonly error?: string
}

type Ending = 'exit' | 'removal'

/** Who waits for the end of which container. Every waiter is told once; nobody is told of the past. */
export class ExitBoard {
  readonly #waiting = new Map<string, PromiseWithResolvers<ExitStatus>>()

  /** Settles at the next exit, or removal, of the container; rejects only when the signal aborts. */
  async next(ending: Ending, containerId: string, signal?: AbortSignal): Promise<ExitStatus> {
    const key = `${ending} ${containerId}`
    const waiting = this.#waiting.get(key) ?? Promise.withResolvers<ExitStatus>()
    this.#waiting.set(key, waiting)
    if (signal === undefined) return waiting.promise
    signal.throwIfAborted()
    const aborted = Promise.withResolvers<never>()
    const abort = () => aborted.reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    try {
      return await Promise.race([waiting.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  announce(ending: Ending, containerId: string, status: ExitStatus): void {
    const key = `${ending} ${containerId}`
    this.#waiting.get(key)?.resolve(status)
    this.#waiting.delete(key)
  }
}
