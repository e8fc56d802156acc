import assert from 'node:assert/strict'
import fc from 'fast-check'
import { changed, containersOf, isBridge, type Model, predefined } from '../model.ts'
import { noNetwork, type Operation } from '../operation.ts'
import { anyNetwork } from './names.ts'

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
  ['driver', 'bridge', isBridge],
  ['driver', 'macvlan', ({ networks }, name) => networks[name]!.driver === 'macvlan' && !networks[name]!.template],
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
