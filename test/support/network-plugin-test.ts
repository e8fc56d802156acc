import { getuid } from 'node:process'
import { test } from 'node:test'
import { type Engine, withEngine } from './engine-test.ts'
import { createHost } from './host.ts'
import { type NetworkPluginProcess, startNetworkPlugin } from './network-plugin.ts'

const skip = getuid?.() === 0 ? false : 'needs root'

/** A test with a plugin "wirer" beside a real daemon. */
export function pluginTest(name: string, body: (engine: Engine, plugin: NetworkPluginProcess) => Promise<void>): void {
  test(name, { skip, timeout: 120_000 }, async () => {
    using host = createHost()
    await using plugin = await startNetworkPlugin(host, 'wirer')
    const config = { 'plugin-dir': plugin.directory, 'plugin-timeout': 2 }
    await withEngine(host, { config }, (engine) => body(engine, plugin))
  })
}

/** Methods alone, in their order. */
export const methods = (news: readonly string[]) => news.map((line) => line.split(' ', 1)[0])

/** Those of the plugin's links that are on the host. */
export const linksOf = async ({ host }: Engine) => {
  const links: { ifname: string }[] = await host.ip('link')
  return links.map(({ ifname }) => ifname).filter((name) => /^t[pv]/.test(name))
}

/** The whole name of a method. */
export const driverIs = (method: string) => `NetworkDriver.${method}`
/** What is left of the plugin's work: `[{}, []]` when nothing is. */
export const nothing = async (engine: Engine, plugin: NetworkPluginProcess) => [plugin.wired(), await linksOf(engine)]
