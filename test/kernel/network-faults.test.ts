import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { vethName } from '../../src/network/cables/link-marks.ts'
import { injectFaults } from '../support/faults.ts'
import { kernelTest } from '../support/kernel.ts'
import {
  attachment,
  containerId,
  type NetworkLab,
  networkRequest,
  openNetworkLab,
  port,
} from '../support/network-lab.ts'
import { runIn } from '../support/shell.ts'

/** An operation, and what takes it back. */
interface Operation {
  readonly act: (lab: NetworkLab) => Promise<unknown>
  readonly takeBack: (lab: NetworkLab) => Promise<unknown>
}

const ports = [port(8080, 80), port(5300, 53, { protocol: 'udp' }), port(0, 90)]

const operations: Readonly<Record<string, Operation>> = {
  'create a network': {
    act: ({ networking }) => networking.create(networkRequest('new')),
    takeBack: ({ networking }) => networking.remove('new'),
  },
  'open a sandbox': {
    act: (lab) => lab.networking.openSandbox(lab.wish('new', ['one', 'two'], ports)),
    async takeBack(lab) {
      const { endpoints } = lab.networking.sandboxOf(containerId('new'))!
      await lab.networking.closeSandbox(containerId('new'))
      await lab.withoutLinks(endpoints.map(({ id }) => vethName(id)))
    },
  },
  connect: {
    // It becomes the way out, so that the ports move.
    act: ({ networking }) => networking.connect(containerId('old'), attachment({ network: 'two', gatewayPriority: 9 })),
    takeBack: ({ networking }) => networking.disconnect(containerId('old'), 'two'),
  },
}

/** Everything that there is: records, links, rules, namespaces, and what a container sees. */
async function stateOf({ networking, links, dir, host }: NetworkLab): Promise<unknown> {
  const old = networking.sandboxOf(containerId('old'))!
  using inside = NetworkNamespace.at(old.sandbox.path)
  const routes = runIn(inside, 'ip', 'route')
    .split('\n')
    .filter((line) => line.startsWith('default'))
  return {
    networks: networking.list().map(({ name }) => name),
    endpoints: networking.list().flatMap(({ id }) => networking.endpointsOf(id).map(({ id: endpoint }) => endpoint)),
    old: [old.sandbox.ports, routes, runIn(inside, 'ip', '-br', 'link').split('\n').length],
    new: networking.sandboxOf(containerId('new')),
    links: (await links()).sort(),
    rules: runIn(host, 'nft', '-s', 'list', 'table', 'inet', 'wharf')
      .split(/\n|,|\{|\}/)
      .map((line) => line.trim())
      .filter((line) => / comment "(network|container)/.test(line))
      .sort(),
    namespaces: readdirSync(join(dir, 'netns')).sort(),
    listeners: runIn(host, 'ss', '-Hlntu')
      .split('\n')
      .map((line) => line.split(/\s+/)[4])
      .sort(),
  }
}

async function furnish(host: NetworkNamespace): Promise<NetworkLab> {
  const lab = await openNetworkLab(host)
  await lab.networking.create(networkRequest('one'))
  await lab.networking.create(networkRequest('two'))
  await lab.networking.openSandbox(lab.wish('old', ['one'], [port(9000, 90)]))
  return lab
}

for (const [name, { act, takeBack }] of Object.entries(operations)) {
  kernelTest(`${name}: leaves nothing behind, whichever of its steps fails`, async ({ namespace }, t) => {
    const faults = injectFaults(t)
    await using lab = await furnish(namespace)
    const before = await stateOf(lab)
    for (let step = 1; ; step++) {
      faults.arm(step, false)
      const outcome = await act(lab).then(
        () => 'done',
        (error: Error) => error,
      )
      if (!faults.disarm()) {
        assert.equal(outcome, 'done')
        assert.ok(step > 5, `only ${step} steps`)
        break
      }
      if (outcome === 'done') await takeBack(lab) // a step that it can do without
      assert.deepEqual(await stateOf(lab), before, `step ${step}: ${outcome}`)
    }
    await takeBack(lab)
    assert.deepEqual(await stateOf(lab), before)
  })

  kernelTest(
    `${name}: an engine that dies at any of its steps leaves nothing that the next one does not remove`,
    async ({ namespace }, t) => {
      const faults = injectFaults(t)
      await using lab = await furnish(namespace)
      await lab.networking.settled()
      const before = await stateOf(lab)
      for (let step = 1; ; step++) {
        faults.arm(step, true)
        const outcome = await act(lab).then(
          () => 'done',
          (error: Error) => error,
        )
        const reached = faults.disarm()
        await lab.restart([containerId('old')])
        if (!reached) break
        // A network or an endpoint that was recorded and not taken back is finished by the next engine.
        if (lab.networking.list().some((network) => network.name === 'new')) await lab.networking.remove('new')
        const half = lab.networking.sandboxOf(containerId('old'))!.endpoints.length > 1
        if (half) await lab.networking.disconnect(containerId('old'), 'two')
        assert.deepEqual(await stateOf(lab), before, `step ${step}: ${outcome}`)
      }
    },
  )
}
