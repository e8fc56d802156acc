import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetworkRecord } from '../model.ts'
import type { NetworkRequest } from '../networking.ts'
import { checkTemplate, withTemplate } from './config-network.ts'
import { newRecord } from './plan-network.ts'

const request: NetworkRequest = {
  ...{ name: 'net', driver: 'bridge', enableIPv4: true, enableIPv6: false, internal: false, attachable: false },
  ...{ ipamDriver: 'default', ipamOptions: {}, ipamConfigs: [], options: {}, labels: {} },
}
const ipamConfigs = [{ subnet: '10.9.0.0/16' }]
const template: NetworkRecord = {
  ...newRecord({ ...request, name: 'base', enableIPv6: true, options: { a: 'b' }, labels: { l: '1' } }),
  template: { ipamConfigs },
}
const table = { networkNamed: (name: string) => (name === 'base' ? template : undefined) }

test('withTemplate() fills a request with what the template says', () => {
  const filled = withTemplate({ ...request, configFrom: 'base', internal: true }, table)
  assert.deepEqual(filled, {
    ...{ ...request, configFrom: 'base', internal: true, enableIPv6: true },
    ...{ options: { a: 'b' }, labels: { l: '1' }, ipamConfigs },
  })
  assert.equal(withTemplate(request, table), request)
})

test('withTemplate() and checkTemplate() refuse with Docker’s words', () => {
  const refused = (change: Partial<NetworkRequest>, kind: string, message: string | RegExp) => {
    assert.throws(() => withTemplate({ ...request, configFrom: 'base', ...change }, table), { kind, message })
  }
  const rest = 'are not supported if the network depends on a configuration network'
  refused({ configFrom: 'x' }, 'not-found', 'configuration network "x" does not exist')
  refused({ options: { a: 'b' } }, 'forbidden', `network driver options ${rest}`)
  refused({ labels: { a: 'b' } }, 'forbidden', `user-specified configurations ${rest}`)
  refused({ ipamConfigs }, 'forbidden', `user-specified configurations ${rest}`)
  assert.throws(() => checkTemplate({ ...request, internal: true }), /^EngineError: configuration network can only /)
  assert.throws(() => checkTemplate({ ...request, configFrom: 'base' }), {
    kind: 'forbidden',
    message: 'a configuration network cannot depend on another configuration network',
  })
})
