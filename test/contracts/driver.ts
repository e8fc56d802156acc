import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Background } from '../../src/base/background.ts'
import { silentLog } from '../../src/base/log.ts'
import { bringUpLoopback } from '../../src/kernel/named-namespace.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { LinkReaper } from '../../src/network/cables/link-reaper.ts'
import type { DriverContext, EndpointSpec, NetworkDriver, NetworkSpec } from '../../src/network/driver.ts'
import type { Underlay } from '../../src/network/peers.ts'
import { kernelTest, type Sandbox } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

/** What a driver is tested with. */
export interface DriverCase {
  readonly create: () => NetworkDriver
  /** As tests are called; the driver's own name unless told. */
  readonly name?: string
  /** A network that the driver can make. */
  readonly spec: NetworkSpec
  readonly endpoint: EndpointSpec
  /** What the driver needs to be told of the way to other hosts. */
  readonly underlay?: Underlay
  /** Makes ready what the driver needs on its host; called before `create`. */
  readonly prepare?: (host: NetworkNamespace) => Promise<AsyncDisposable>
}

interface Bench {
  readonly driver: NetworkDriver
  readonly plan: unknown
  readonly context: DriverContext
  readonly container: { readonly namespace: NetworkNamespace; readonly netlink: NetlinkSocket }
  /** Waits for what goes on behind the answer. */
  readonly settle: () => Promise<void>
  /** Names of all links: of the host, of the container, and of the driver's own namespaces. */
  readonly links: () => string[]
}

async function withBench(
  { create, spec, underlay, prepare }: DriverCase,
  { namespace, netlink }: Sandbox,
  body: (bench: Bench) => Promise<void>,
): Promise<void> {
  const failures: unknown[] = []
  const background = new Background((_, error) => failures.push(error))
  const reaper = new LinkReaper({ netlink, background })
  using inside = NetworkNamespace.create()
  using insideNetlink = new NetlinkSocket(inside)
  bringUpLoopback(insideNetlink)
  await using _prepared = await prepare?.(namespace)
  const driver = create()
  const execRoot = mkdtempSync(join(tmpdir(), 'wharf-driver-'))
  using _ = { [Symbol.dispose]: () => rmSync(execRoot, { recursive: true }) }
  const context = { host: netlink, hostNamespace: namespace, reaper, log: silentLog, execRoot, underlay }
  const links = () => [...[namespace, inside].flatMap(linksIn), ...linksBelow(execRoot)]
  const settle = async () => {
    reaper.deleteCondemned()
    await background.settle()
  }
  const container = { namespace: inside, netlink: insideNetlink }
  const plan = driver.plan(spec)
  await body({ driver, plan, context, container, settle, links })
  await driver.removeNetwork(plan, context)
  reaper.close()
  await settle()
  assert.deepEqual(failures, [])
}

function linksIn(namespace: NetworkNamespace): string[] {
  const links: { ifname: string }[] = JSON.parse(runIn(namespace, 'ip', '-j', 'link'))
  return links.map(({ ifname }) => ifname)
}

/** Of every namespace that the driver keeps. */
function linksBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap((entry) => {
      using namespace = NetworkNamespace.at(join(entry.parentPath, entry.name))
      return linksIn(namespace)
    })
}

/** What every driver promises, whatever kind of network it makes. */
export function driverContract(one: DriverCase): void {
  const { endpoint } = one
  const { name = one.create().name } = one

  kernelTest(`${name} driver: plan() is pure, and gives the same for the same`, (sandbox) =>
    withBench(one, sandbox, async ({ driver, plan, links }) => {
      assert.deepEqual(driver.plan(one.spec), plan)
      assert.deepEqual(driver.elements(plan), driver.elements(plan))
      assert.deepEqual(links(), ['lo', 'lo'])
    }),
  )

  kernelTest(
    `${name} driver: what ensure… made it does not make again, and remove… takes all of it away, twice`,
    (sandbox) =>
      withBench(one, sandbox, async ({ driver, plan, context, container, settle, links }) => {
        await driver.ensureNetwork(plan, context)
        assert.deepEqual(await driver.ensureNetwork(plan, context), [])
        await driver.ensureEndpoint(plan, endpoint, container, context)
        assert.deepEqual(await driver.ensureEndpoint(plan, endpoint, container, context), [])
        assert.equal(links().includes(endpoint.interfaceName), driver.traits.hasInterfaces)
        for (const _ of [1, 2]) {
          await driver.removeEndpoint(plan, endpoint, context, container)
          assert.equal(links().includes(endpoint.interfaceName), false)
        }
        for (const _ of [1, 2]) await driver.removeNetwork(plan, context)
        await settle()
        assert.deepEqual(links(), ['lo', 'lo'])
      }),
  )

  kernelTest(`${name} driver: an endpoint is plugged in again while the namespace that it was in goes`, (sandbox) =>
    withBench(one, sandbox, async ({ driver, plan, context, container, settle, links }) => {
      await driver.ensureNetwork(plan, context)
      {
        using namespace = NetworkNamespace.create()
        using netlink = new NetlinkSocket(namespace)
        await driver.ensureEndpoint(plan, endpoint, { namespace, netlink }, context)
        driver.abandonEndpoint(plan, endpoint, context)
      }
      await driver.ensureEndpoint(plan, endpoint, container, context)
      await settle()
      assert.equal(links().includes(endpoint.interfaceName), driver.traits.hasInterfaces)
      await driver.removeEndpoint(plan, endpoint, context, container)
    }),
  )

  kernelTest(`${name} driver: a network can be made again the moment it was removed`, (sandbox) =>
    withBench(one, sandbox, async ({ driver, plan, context, settle, links }) => {
      await driver.ensureNetwork(plan, context)
      const before = links()
      await driver.removeNetwork(plan, context)
      await driver.ensureNetwork(plan, context)
      await settle()
      assert.deepEqual(links(), before)
    }),
  )

  kernelTest(`${name} driver: sweep() leaves what is wanted, and removes the rest of its own`, (sandbox) =>
    withBench(one, sandbox, async ({ driver, plan, context, container, settle, links }) => {
      runIn(sandbox.namespace, 'ip', 'link', 'add', 'foreign', 'type', 'bridge')
      await driver.ensureNetwork(plan, context)
      await driver.ensureEndpoint(plan, endpoint, container, context)
      const all = links()
      await driver.sweep({ networks: [plan], endpointIds: new Set([endpoint.id]) }, context)
      assert.deepEqual(links(), all)
      await driver.sweep({ networks: [], endpointIds: new Set() }, context)
      await settle()
      assert.deepEqual(links(), ['lo', 'foreign', 'lo'])
    }),
  )
}
