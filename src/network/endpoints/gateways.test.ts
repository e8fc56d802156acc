import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Candidate, electGateways } from './gateways.ts'

/** Network, and what matters of the endpoint on it. */
function candidate(
  name: string,
  traits: { priority?: number; internal?: boolean; v4?: boolean; v6?: boolean } = {},
): Candidate {
  const { priority = 0, internal = false, v4 = !internal, v6 = false } = traits
  return {
    network: { name, internal },
    endpoint: { gatewayPriority: priority, ...(v4 && { gateway: '10.0.0.1' }), ...(v6 && { gateway6: 'fd00::1' }) },
  } as Candidate // the election reads nothing else
}

test('electGateways() goes by priority, then by what a network offers, then by its name', () => {
  const cases: readonly [Candidate[], string | undefined, string | undefined][] = [
    [[candidate('b'), candidate('a')], 'a', undefined],
    [[candidate('a'), candidate('b', { priority: 1 })], 'b', undefined],
    [[candidate('a', { internal: true, priority: 5 }), candidate('b')], 'b', undefined],
    [[candidate('a'), candidate('b', { v6: true })], 'b', 'b'],
    [[candidate('a', { priority: 1 }), candidate('b', { v4: false, v6: true })], 'a', 'b'],
    [[candidate('a', { internal: true })], undefined, undefined],
    [[], undefined, undefined],
  ]
  for (const [candidates, ipv4, ipv6] of cases) {
    const elected = electGateways(candidates)
    assert.deepEqual([elected.ipv4?.network.name, elected.ipv6?.network.name], [ipv4, ipv6])
  }
})
