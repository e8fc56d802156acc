import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseConfig } from './config.ts'

test('parseConfig() lets flags win over the file, and the file over the defaults', () => {
  const config = parseConfig('{"mtu": 1400, "data-root": "/a", "userland-proxy": true}', { dataRoot: '/b' })
  assert.deepEqual(
    [config.mtu, config.dataRoot, config.userlandProxy, config.execRoot],
    [1400, '/b', true, '/run/wharf'],
  )
  assert.ok(Object.isFrozen(config))
})

test('parseConfig() refuses unknown keys, wrong types and what is not JSON', () => {
  const refused = (text: string) => {
    try {
      parseConfig(text, {})
      return 'accepted'
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.match(refused('{"mtuu": 1}'), /unknown key "mtuu"/)
  assert.match(refused('{"mtu": "1500"}'), /Cannot use mtu "1500"/)
  assert.match(refused('{"default-address-pools": [{"base": "10.0.0.0/8"}]}'), /Cannot use default-address-pools/)
  assert.match(refused('[]'), /not a JSON object/)
  assert.match(refused('{'), /Cannot read the configuration/)
})
