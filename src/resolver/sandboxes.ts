import { statSync } from 'node:fs'
import { NetworkNamespace } from '../kernel/namespace.ts'
import type { SandboxSetup } from './protocol.ts'
import { Sandbox, type SandboxParts } from './sandbox.ts'

/** The resolvers of all containers. */
export class Sandboxes implements Disposable {
  readonly #parts: SandboxParts
  readonly #open = new Map<string, Sandbox>()

  constructor(parts: SandboxParts) {
    this.#parts = parts
  }

  /** Serves a container, or takes what is new about it. */
  put(setup: SandboxSetup): void {
    const inode = statSync(setup.netnsPath).ino
    const sandbox = this.#open.get(setup.id)
    if (sandbox?.inode === inode) {
      sandbox.update(setup)
      return
    }
    this.remove(setup.id)
    // Whoever served this namespace under another id was forgotten by the daemon: one of the two would be deaf.
    for (const [id, other] of this.#open) if (other.inode === inode) this.remove(id)
    this.#open.set(setup.id, new Sandbox(setup, this.#parts))
  }

  /** Serves a namespace that nobody lives in, once: the first container shall not wait for libraries to load. */
  warmUp(): void {
    using nobody = NetworkNamespace.create()
    const setup = { networks: [], upstreams: [], forwardFromHost: false, ndotsSet: false, links: {} }
    new Sandbox({ ...setup, id: '', netnsPath: nobody.path }, this.#parts)[Symbol.dispose]()
  }

  remove(id: string): void {
    this.#open.get(id)?.[Symbol.dispose]()
    this.#open.delete(id)
  }

  /** Removes every sandbox that is not named. */
  retain(ids: ReadonlySet<string>): void {
    for (const id of this.#open.keys()) if (!ids.has(id)) this.remove(id)
  }

  /** Removes those whose namespace has gone: our sockets alone would keep it alive for ever. */
  sweep(): void {
    for (const [id, sandbox] of this.#open) if (!sandbox.isCurrent()) this.remove(id)
  }

  [Symbol.dispose](): void {
    this.retain(new Set())
  }
}
