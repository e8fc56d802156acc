import type { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'

/** Aborts when nothing comes from a client for so long; `undefined` waits for ever. */
export class Patience implements Disposable {
  readonly #control = new AbortController()
  readonly #source: Readable
  readonly #timer: NodeJS.Timeout | undefined
  readonly #came = () => void this.#timer?.refresh()

  constructor(source: Readable, ms: number | undefined) {
    this.#source = source
    if (ms === undefined) return
    const reason = new EngineError('invalid-argument', 'unexpected EOF: the archive did not go on for two minutes')
    this.#timer = setTimeout(() => this.#control.abort(reason), ms)
    source.on('data', this.#came)
  }

  get signal(): AbortSignal {
    return this.#control.signal
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#source.removeListener('data', this.#came)
  }
}
