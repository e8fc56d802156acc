import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInsecure } from './insecure.ts'

test('isInsecure() takes loopback, names of the list, and addresses of its blocks', () => {
  const list = ['registry.test:5000', 'open.test', '10.1.0.0/16', 'fd00::/64']
  const cases = {
    'localhost:5000': true,
    '127.9.9.9': true,
    '[::1]:5000': true,
    'registry.test:5000': true,
    'registry.test:5001': false,
    'open.test:443': true,
    '10.1.2.3:5000': true,
    '10.2.2.3:5000': false,
    '[fd00::7]:5000': true,
    '[fd01::7]': false,
    'docker.io': false,
  }
  const answers = Object.keys(cases).map((domain) => [domain, isInsecure(domain, list)])
  assert.deepEqual(Object.fromEntries(answers), cases)
})
