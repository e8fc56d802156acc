/**
 * Work that belongs together: the first failure stops the rest, and nothing outlives `settle`.
 */
export class TaskGroup {
  /** Aborts when the caller's does, or when one of the tasks fails. */
  readonly signal: AbortSignal
  readonly #own = new AbortController()
  readonly #tasks: Promise<void>[] = []
  #failure: { readonly reason: unknown } | undefined

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#own.signal])
  }

  run(work: () => Promise<unknown>): void {
    const task = work().then(
      () => {},
      (reason: unknown) => {
        this.#failure ??= { reason }
        this.#own.abort(reason)
      },
    )
    this.#tasks.push(task)
  }

  /** Waits for all tasks, also those that tasks began. @throws the first failure, after the last task has ended */
  async settle(): Promise<void> {
    for (let done = 0; done < this.#tasks.length; done++) await this.#tasks[done]
    if (this.#failure) throw this.#failure.reason
  }
}
