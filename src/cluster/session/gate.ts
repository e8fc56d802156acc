import { rfc3339Now } from '../../base/clock.ts'
import { EngineError } from '../../base/errors.ts'
import { EtcdError } from '../etcd/errors.ts'
import type { Session } from './session.ts'

/** Lets what needs new shared state through to etcd, or refuses it at once when etcd is out of reach. */
export class Gate {
  readonly #session: Session

  constructor(session: Session) {
    this.#session = session
  }

  get isOpen(): boolean {
    return this.#session.status.reachable
  }

  /** The session may know of it already, or still have to find out. */
  #since(): string {
    const { reachable, since } = this.#session.status
    return reachable ? rfc3339Now() : since
  }

  /**
   * Runs `work`; a failure of etcd in it becomes the engine's own.
   *
   * @param what could not be done then: `cannot create network "x"`
   * @throws {EngineError} `unavailable`
   */
  async run<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { reachable, since, reason } = this.#session.status
    if (!reachable) throw unreachable(since, what, reason)
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof EtcdError)) throw error
      this.#session.doubt()
      if (error.fault !== 'refused') throw unreachable(this.#since(), what, error.message, error)
      throw new EngineError('unavailable', `${what}: etcd refuses it: ${error.message}`, { cause: error })
    }
  }
}

function unreachable(since: string, what: string, reason: string, cause?: unknown): EngineError {
  return new EngineError('unavailable', `etcd unreachable since ${since}: ${what}: ${reason}`, { cause })
}
