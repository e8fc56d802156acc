import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PublishedPort } from '../model.ts'
import type { PublishTarget } from './port-plan.ts'
import { planReach, type ReachFacts } from './reach.ts'

const target: PublishTarget = { containerId: 'c', containerName: 'web', endpointId: 'e', ipv4: '172.17.0.2' }
const facts: ReachFacts = {
  hostAddresses: ['192.0.2.1', '198.51.100.1', '2001:db8::1'],
  forwarding: { ipv4: true, ipv6: true },
  forwardDrop: {},
  inputDrop: {},
  obeyInput: false,
}
const published = (more: Partial<PublishedPort> = {}): PublishedPort => {
  return { protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080, ...more }
}

/** `"host containers 192.0.2.1:80 (why)"` */
function said(
  port: Partial<PublishedPort>,
  more: Partial<ReachFacts> = {},
  to: PublishTarget | undefined = target,
): string {
  const [reach] = planReach([published(port)], to, { ...facts, ...more })
  const { host, containers, outside, why } = reach!
  return [...(host ? ['host'] : []), ...(containers ? ['containers'] : []), ...outside, `(${why})`].join(' ')
}

test('planReach() names the addresses that other machines use', () => {
  assert.equal(said({}), 'host containers 192.0.2.1:8080 198.51.100.1:8080 ()')
  assert.equal(said({ hostAddress: '::' }), 'host containers [2001:db8::1]:8080 ()')
  assert.equal(said({ hostAddress: '192.0.2.1' }), 'host containers 192.0.2.1:8080 ()')
  const none = 'this host has no address of IPv6 that others know'
  assert.equal(said({ hostAddress: '::' }, { hostAddresses: ['192.0.2.1'] }), `host containers (${none})`)
  assert.equal(said({ hostAddress: '172.17.0.1' }), 'host containers (172.17.0.1 is an address for containers)')
})

test('planReach() keeps loopback to this host', () => {
  assert.equal(said({ hostAddress: '127.0.0.1' }), 'host (published on 127.0.0.1)')
  assert.equal(said({ hostAddress: '::1' }), 'host (published on ::1)')
})

const all = (where: string) => ({ where, hasExceptions: false })
const most = (where: string) => ({ where, hasExceptions: true })

test('planReach() says who stops what is forwarded, or what is delivered where the proxy carries', () => {
  const drops = { forwardDrop: { ipv4: all('F4'), ipv6: all('F6') }, inputDrop: { ipv4: all('I4'), ipv6: all('I6') } }
  assert.equal(said({}, drops), 'host (F4 drops what is forwarded)')
  assert.equal(said({ hostAddress: '::' }, drops), 'host (I6 drops what is delivered to this host)')
  assert.equal(said({ hostAddress: '::' }, drops, { ...target, ipv6: 'fd00::2' }), 'host (F6 drops what is forwarded)')
  const off = { forwarding: { ipv4: false, ipv6: true } }
  assert.equal(said({}, off), 'host (this host does not forward IPv4)')
  const one = { hostAddress: '192.0.2.1' }
  const exceptions = { forwardDrop: { ipv4: most('F4') } }
  assert.equal(said(one, exceptions), 'host containers 192.0.2.1:8080 (as far as F4 lets it through)')
})

test('planReach() asks INPUT about what comes from outside where the settings say so', () => {
  const one = { hostAddress: '192.0.2.1' }
  const obeyInput = true
  const rules = 'as far as INPUT rules of this host let it through'
  assert.equal(said(one, { obeyInput }), `host containers 192.0.2.1:8080 (${rules})`)
  const closed = { obeyInput, inputDrop: { ipv4: all('I4') } }
  assert.equal(said(one, closed), 'host containers (I4 drops what is delivered to this host)')
  const sctp = said({ protocol: 'sctp' }, { obeyInput })
  assert.equal(sctp, 'host containers (the proxy that would carry it knows no SCTP)')
})

test('planReach() tells of routes where there is no NAT, and of nobody where nothing leads outside', () => {
  const route = 'without NAT: by whoever has a route to 172.17.0.2'
  assert.equal(said({ hostPort: 0 }), `host containers 172.17.0.2:80 (${route})`)
  assert.equal(said({ hostPort: 0 }, { forwardDrop: { ipv4: all('F4') } }), 'host (F4 drops what is forwarded)')
  const [nobody] = planReach([published()], undefined, facts)
  assert.deepEqual([nobody?.host, nobody?.containers, nobody?.outside], [false, false, []])
  assert.equal(nobody?.why, 'none of its networks leads outside')
})
