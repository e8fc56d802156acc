import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference, withDefaultTag } from '../references.ts'
import { registryError } from './registry-errors.ts'

const reference = withDefaultTag(parseReference('127.0.0.1:5000/bb'))

const pulling = { verb: 'pull', reference, hadAuth: false } as const

function fatal(words: string): string {
  const quoted = JSON.stringify(`Error parsing image name "docker://127.0.0.1:5000/bb:latest": ${words}`)
  return `time="2026-01-01T00:00:00Z" level=warning msg="something"\ntime="2026-01-01T00:00:01Z" level=fatal msg=${quoted}\n`
}

test('registryError() says what Docker says', () => {
  const digest = `sha256:${'1'.repeat(64)}`
  const dial = 'Get "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused'
  const cases = [
    [
      'reading manifest latest in 127.0.0.1:5000/bb: manifest unknown: manifest unknown',
      'not-found',
      'manifest for 127.0.0.1:5000/bb:latest not found: manifest unknown: manifest unknown',
    ],
    [
      'reading manifest latest in 127.0.0.1:5000/bb: name unknown: repository name not known to registry',
      'not-found',
      'repository 127.0.0.1:5000/bb not found: name unknown: repository name not known to registry',
    ],
    [
      'reading manifest latest in 127.0.0.1:5000/bb: denied: requested access to the resource is denied',
      'not-found',
      "pull access denied for 127.0.0.1:5000/bb, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    ],
    [`pinging container registry 127.0.0.1:5000: ${dial}`, 'internal', dial],
    [
      `writing blob: storing blob to file "/tmp/x/oci-put-blob1": write /tmp/x/oci-put-blob1: no space left on device`,
      'internal',
      'Cannot pull "127.0.0.1:5000/bb:latest": no space left on device',
    ],
    [
      `Digest did not match, expected ${digest}, got sha256:${'2'.repeat(64)}`,
      'internal',
      `filesystem layer verification failed for digest ${digest}`,
    ],
    ['something else', 'internal', 'Cannot pull "127.0.0.1:5000/bb:latest": something else'],
  ] as const
  for (const [words, kind, message] of cases) {
    const error = registryError(fatal(words), pulling)
    assert.deepEqual([error.kind, error.message], [kind, message])
  }
  assert.equal(registryError('', pulling).message, 'Cannot pull "127.0.0.1:5000/bb:latest": skopeo gave no reason')
  assert.equal(
    registryError(fatal('unauthorized: authentication required'), { ...pulling, hadAuth: true }).message,
    'unauthorized: authentication required',
  )
})
