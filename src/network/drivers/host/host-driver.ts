import type { Changes, NetworkDriver } from '../../driver.ts'

/** The host's own network: containers share the engine's namespace, nothing is made. */
export class HostDriver implements NetworkDriver<undefined> {
  readonly name = 'host'
  readonly traits = { scope: 'local', onlyPredefined: true, hasInterfaces: false, publishesPorts: false } as const

  plan(): undefined {
    return undefined
  }

  hostInterface(): undefined {
    return undefined
  }

  interfacePrefix(): string {
    return ''
  }

  defaultHostAddress(): undefined {
    return undefined
  }

  macFor(): string {
    return ''
  }

  elements(): readonly [] {
    return []
  }

  async ensureNetwork(): Promise<Changes> {
    return []
  }

  async removeNetwork(): Promise<void> {}

  async ensureEndpoint(): Promise<Changes> {
    return []
  }

  async removeEndpoint(): Promise<void> {}

  abandonEndpoint(): void {}

  async sweep(): Promise<Changes> {
    return []
  }
}
