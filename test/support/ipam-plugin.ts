import { type PluginProcess, startPlugin } from './plugin.ts'

/** An address manager, a process of its own, that a test starts, ends and makes misbehave. */
export interface IpamPluginProcess extends PluginProcess {
  /** What it has lent: addresses by pool. */
  lent(): Readonly<Record<string, readonly string[]>>
}

/** Starts a plugin whose socket is in a directory of its own. */
export async function startIpamPlugin(name: string): Promise<IpamPluginProcess> {
  const plugin = await startPlugin({ program: 'ipam-plugin-process.ts', name })
  return Object.assign(plugin, {
    lent() {
      const { pools } = plugin.recall<{ pools: Record<string, { pool: string; addresses: string[] }> }>('lent.json', {
        pools: {},
      })
      return Object.fromEntries(Object.values(pools).map(({ pool, addresses }) => [pool, addresses]))
    },
  })
}
