import type { Log } from '../../base/log.ts'
import { type HostFiles, readTextIfThere } from '../host-facts.ts'
import { parseResolvConf } from '../sandbox/resolv-conf.ts'
import { FileWatch } from './file-watch.ts'

/** What belongs to one change comes within this time. Milliseconds. */
const gathering = 20
/** How long a file that names no server is taken for one that is being written. Milliseconds. */
const patience = 500
/** How often is looked without a notice. Milliseconds. */
const checkInterval = 30_000

/** What `ResolvConfWatch` watches, and whom it tells. */
export interface ResolvConfWatchParts {
  readonly files: HostFiles
  readonly log: Log
  /** What the host's files say is not what they said before. */
  readonly onChange: () => void
}

/** Tells when the host's resolv.conf, or what stands behind its stub, says something else. */
export class ResolvConfWatch implements Disposable {
  readonly #parts: ResolvConfWatchParts
  readonly #watch: FileWatch
  readonly #interval: NodeJS.Timeout
  #timer: NodeJS.Timeout | undefined
  #known: string

  constructor(parts: ResolvConfWatchParts) {
    const { files, log } = parts
    this.#parts = parts
    this.#watch = new FileWatch({
      paths: [files.resolvConf, files.resolvConfBehindStub],
      onChange: () => this.#lookIn(gathering),
      onTrouble: (path, error) => log.warn('looks at a file only now and then: it cannot be watched', { path, error }),
    })
    this.#known = this.#read()
    this.#interval = setInterval(() => this.#lookIn(0), checkInterval).unref()
  }

  #read(): string {
    const { resolvConf, resolvConfBehindStub } = this.#parts.files
    return [resolvConf, resolvConfBehindStub].map(readTextIfThere).join('\0')
  }

  #lookIn(ms: number): void {
    this.#timer ??= setTimeout(() => this.#look(), ms).unref()
  }

  #look(isSure = false): void {
    this.#timer = undefined
    this.#watch.renew()
    const text = this.#read()
    if (text === this.#known) return
    const isBeingWritten = namesNobody(text) && !namesNobody(this.#known)
    if (isBeingWritten && !isSure) {
      this.#timer = setTimeout(() => this.#look(true), patience).unref()
      return
    }
    this.#known = text
    this.#parts.onChange()
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
    clearInterval(this.#interval)
    clearTimeout(this.#timer)
  }
}

function namesNobody(text: string): boolean {
  return parseResolvConf(text.split('\0', 1)[0]!).nameservers.length === 0
}
