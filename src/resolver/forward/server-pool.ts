import { type UpstreamParts, UpstreamServer } from './upstream-server.ts'

/** The DNS servers that are asked from one network, each made when it is first named. */
export class ServerPool implements Disposable {
  readonly #parts: UpstreamParts
  readonly #servers = new Map<string, UpstreamServer>()

  constructor(parts: UpstreamParts) {
    this.#parts = parts
  }

  server(address: string): UpstreamServer {
    const server = this.#servers.get(address) ?? new UpstreamServer(address, this.#parts)
    this.#servers.set(address, server)
    return server
  }

  [Symbol.dispose](): void {
    for (const server of this.#servers.values()) server[Symbol.dispose]()
    this.#servers.clear()
  }
}
