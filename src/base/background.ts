/**
 * Work that goes on after the call that began it has answered: nothing is fired and forgotten.
 *
 * A failure is handed to `onFailure`; `settle` waits for all that is under way.
 */
export class Background {
  readonly #running = new Set<Promise<void>>()
  readonly #onFailure: (what: string, error: unknown) => void

  constructor(onFailure: (what: string, error: unknown) => void) {
    this.#onFailure = onFailure
  }

  run(what: string, work: () => Promise<unknown>): void {
    const task = work().then(
      () => {},
      (error: unknown) => this.#onFailure(what, error),
    )
    this.#running.add(task)
    void task.then(() => this.#running.delete(task))
  }

  /** Waits until nothing is under way, also for work that the work itself began. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }
}
