import type { Changes, NetworkDriver, Publishing } from '../../driver.ts'

/**
 * A network without interfaces of ours, so that there is nothing to make: `host`, where containers share the engine's
 * namespace, and `null`, where a container's own namespace holds only the loopback interface.
 */
export class BareDriver implements NetworkDriver<undefined> {
  readonly name: 'host' | 'null'
  readonly traits = {
    scope: 'local',
    onlyPredefined: true,
    hasInterfaces: false,
    publishesPorts: false,
    providesGateway: false,
  } as const

  constructor(name: 'host' | 'null') {
    this.name = name
  }

  plan(): undefined {
    return undefined
  }

  hostInterface(): undefined {
    return undefined
  }

  interfacePrefix(): string {
    return ''
  }

  publishing(): Publishing {
    return { routed: [], opened: [] }
  }

  macFor(): string {
    return ''
  }

  elements(): readonly [] {
    return []
  }

  ownership(): 'ours' {
    return 'ours'
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
