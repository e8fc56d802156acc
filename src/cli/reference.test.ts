import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference, registryOf, withDefaultTag } from './reference.ts'

test('parseReference() knows a tag from the port of a registry', () => {
  assert.deepEqual(parseReference('localhost:5000/a/b'), { name: 'localhost:5000/a/b', tag: '', digest: '' })
  assert.deepEqual(parseReference('localhost:5000/a:v1'), { name: 'localhost:5000/a', tag: 'v1', digest: '' })
  assert.deepEqual(parseReference('a@sha256:12'), { name: 'a', tag: '', digest: 'sha256:12' })
  assert.deepEqual(['a', 'a:v1', 'a@sha256:12'].map(withDefaultTag), ['a:latest', 'a:v1', 'a@sha256:12'])
  assert.deepEqual(['a', 'me/a', 'localhost/a', 'r.io/a', 'h:5000/a'].map(registryOf), [
    'docker.io',
    'docker.io',
    'localhost',
    'r.io',
    'h:5000',
  ])
})
