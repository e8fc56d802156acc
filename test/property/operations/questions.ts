import assert from 'node:assert/strict'
import fc from 'fast-check'
import { type Container, changed, containersOf, hasInterfaces, type Model, predefined } from '../model.ts'
import { noNetwork, type Operation } from '../operation.ts'
import type { State } from '../state.ts'
import { type Step, step } from '../steps.ts'
import { aliases, anyNetwork, containerNames, networkNames } from './names.ts'

/** `network inspect`: what it holds is compared after every step; here it is the finding. */
export const inspectNetwork: fc.Arbitrary<Operation> = anyNetwork.map((name) => ({
  text: `network inspect ${name}`,
  pairs: true,
  request: { method: 'GET', path: `/networks/${name}` },
  predict: (model) => ({
    refusals: noNetwork(model, name),
    status: 200,
    next: model,
    sees: (body) => assert.equal(body.Name, name),
  }),
}))

type Filter = readonly [key: string, value: string, keeps: (model: Model, name: string) => boolean]

const isUsed = (model: Model, name: string) =>
  containersOf(model).some(({ sandbox }) => sandbox !== undefined && name in sandbox.endpoints)

const filters: readonly Filter[] = [
  ['driver', 'bridge', ({ networks }, name) => hasInterfaces(name) && !networks[name]!.template],
  ['driver', 'host', (_, name) => name === 'host'],
  ['name', 'south', (_, name) => name === 'south'],
  ['name', 'th$', (_, name) => name.endsWith('th')],
  ['label', 'team', ({ networks }, name) => 'team' in networks[name]!.labels],
  ['label', 'team=b', () => false],
  ['type', 'custom', (_, name) => !predefined.includes(name)],
  ['type', 'builtin', (_, name) => predefined.includes(name)],
  ['scope', 'local', () => true],
  ['dangling', 'true', (model, name) => !predefined.includes(name) && !isUsed(model, name)],
  ['dangling', 'false', (model, name) => predefined.includes(name) || isUsed(model, name)],
]

/** `network ls` with one filter or two. */
export const listNetworks: fc.Arbitrary<Operation> = fc
  .uniqueArray(fc.constantFrom(...filters), { minLength: 0, maxLength: 2, selector: ([key]) => key })
  .map((chosen) => {
    const asked = Object.fromEntries(chosen.map(([key, value]) => [key, [value]]))
    return {
      text: `network ls ${JSON.stringify(asked)}`,
      pairs: true,
      request: { method: 'GET', path: `/networks?filters=${encodeURIComponent(JSON.stringify(asked))}` },
      predict: (model) => ({
        refusals: [],
        status: 200,
        next: changed(model, () => {}),
        sees(body) {
          const names = Object.keys(model.networks).filter((name) => chosen.every(([, , keeps]) => keeps(model, name)))
          assert.deepEqual(body.map(({ Name }: { Name: string }) => Name).sort(), names.sort())
        },
      }),
    }
  })

/** A filter that is none. */
export const listWrongly: fc.Arbitrary<Operation> = fc
  .constantFrom<[object, number, string | RegExp]>(
    [{ type: ['odd'] }, 500, "invalid filter: 'type'='odd'"],
    [{ colour: ['red'] }, 400, "invalid filter 'colour'"],
    [{ dangling: ['true', 'false'] }, 400, /dangling/],
    [{ dangling: ['perhaps'] }, 400, /dangling/],
  )
  .map(([asked, status, says]) => ({
    text: `network ls ${JSON.stringify(asked)}`,
    pairs: true,
    request: { method: 'GET', path: `/networks?filters=${encodeURIComponent(JSON.stringify(asked))}` },
    predict: (model) => ({ refusals: [{ status, says }], status: 200, next: model }),
  }))

/** A look-up from inside a container: all addresses of that name on the networks that it is on. */
export const lookUp: fc.Arbitrary<Step> = fc
  .tuple(
    fc.constantFrom(...containerNames),
    fc.constantFrom(...containerNames, ...aliases),
    fc.option(fc.constantFrom(...networkNames)),
  )
  .map(([asker, name, network]) => {
    const whole = network === null ? name : `${name}.${network}`
    return step(
      `${asker} looks up ${whole}`,
      async (state) => {
        const container = asking(state.model, asker)!
        const wanted = addressesOf(state.model, container, name, network).sort()
        await eventuallySame(() => dig(state, container, whole), wanted)
      },
      (model) => isAnswered(model, asking(model, asker), name, network),
    )
  })

function asking(model: Model, name: string): Container | undefined {
  return containersOf(model).find((one) => one.name === name && one.status === 'running' && one.mode === 'own')
}

function named(container: Container): string[] {
  return Object.keys(container.sandbox?.endpoints ?? {}).filter((name) => !predefined.includes(name))
}

/** Names that nobody has are asked for outside, and there is no outside. */
function isAnswered(model: Model, asker: Container | undefined, name: string, network: string | null): boolean {
  return asker !== undefined && named(asker).length > 0 && addressesOf(model, asker, name, network).length > 0
}

function addressesOf(model: Model, asker: Container, name: string, only: string | null): string[] {
  const networks = named(asker).filter((network) => only === null || network === only)
  return networks.flatMap((network) =>
    containersOf(model).flatMap((other) => {
      const address = other.sandbox?.endpoints[network]?.ipv4
      const isMeant = other.name === name || other.wishes[network]?.alias === name
      return isMeant && address ? [address] : []
    }),
  )
}

async function dig({ world }: State, { id }: Container, name: string): Promise<string[]> {
  const path = (await world.get(`/containers/${id}/json`)).NetworkSettings.SandboxKey
  const { stdout } = await world.inside(path, 'dig', '@127.0.0.11', '+short', '+time=2', '+tries=1', name, 'A')
  return stdout.split('\n').filter(Boolean).sort()
}

/** The resolver may just have been killed: then it answers again in a moment. */
async function eventuallySame(ask: () => Promise<string[]>, wanted: readonly string[]): Promise<void> {
  const deadline = performance.now() + 5_000
  for (;;) {
    const answers = await ask()
    if (answers.join() === wanted.join()) return
    if (performance.now() > deadline) assert.deepEqual(answers, wanted)
  }
}

/** A ping from one container to another on each network that they share: it arrives unless the network parts them. */
export const ping: fc.Arbitrary<Step> = fc
  .tuple(fc.constantFrom(...containerNames), fc.constantFrom(...containerNames))
  .map(([from, to]) =>
    step(`${from} pings ${to}`, async (state) => {
      const [one, other] = [asking(state.model, from), asking(state.model, to)]
      if (one === undefined || other === undefined || from === to) return
      const path = (await state.world.get(`/containers/${one.id}/json`)).NetworkSettings.SandboxKey
      for (const [network, { ipv4 }] of Object.entries(other.sandbox!.endpoints)) {
        if (!ipv4 || !one.sandbox!.endpoints[network]?.ipv4) continue
        const isParted = state.model.networks[network]!.options['com.docker.network.bridge.enable_icc'] === 'false'
        if (isParted) continue // seen by the port's own flag: a ping that does not arrive takes a second
        const { code, stdout } = await state.world.inside(path, 'ping', '-c', '1', '-W', '2', ipv4)
        assert.equal(code, 0, `${network}, ${ipv4}: ${stdout}`)
      }
    }),
  )
