import { rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Host } from './host.ts'
import { type PluginProcess, startPlugin } from './plugin.ts'

/** A network driver, a process of its own on the host, that a test starts, ends and makes misbehave. */
export interface NetworkPluginProcess extends PluginProcess {
  /** What it knows: by network, the host ends of its endpoints. */
  wired(): Readonly<Record<string, readonly string[]>>
  /** Loses its memory, while it is dead. */
  forget(): void
}

/** Starts a plugin that wires containers on `host`. */
export async function startNetworkPlugin(host: Pick<Host, 'enter'>, name: string): Promise<NetworkPluginProcess> {
  const plugin = await startPlugin({ program: 'network-plugin-process.ts', name, enter: host.enter })
  return Object.assign(plugin, {
    forget: () => rmSync(join(plugin.directory, 'state', 'networks.json'), { force: true }),
    wired() {
      const networks = plugin.recall<Record<string, { bridge: string; ports: object }>>('networks.json', {})
      return Object.fromEntries(Object.values(networks).map(({ bridge, ports }) => [bridge, Object.values(ports)]))
    },
  })
}
