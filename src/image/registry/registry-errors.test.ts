import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference, withDefaultTag } from '../names/references.ts'
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
  const debug = 'time="2026-01-01T00:00:00Z" level=debug msg="PATCH http://127.0.0.1:5000/v2/"'
  for (const stderr of ['', debug])
    assert.equal(
      registryError(stderr, pulling).message,
      'Cannot pull "127.0.0.1:5000/bb:latest": skopeo gave no reason',
    )
  assert.equal(
    registryError(fatal('unauthorized: authentication required'), { ...pulling, hadAuth: true }).message,
    'unauthorized: authentication required',
  )
})

test('registryError() tells who may not push, and who is not known', () => {
  const refused = fatal('unauthorized: authentication required')
  const asked = 'time="x" level=debug msg="GET http://127.0.0.1:5080/token?account=me&scope=repository%3Abb%3Apull"\n'
  const ping = 'time="x" level=debug msg="Ping http://127.0.0.1:5000/v2/ status 401"\n'
  const pushing = { verb: 'push', reference, hadAuth: false } as const
  const loggingIn = { verb: 'log in to', reference, hadAuth: false } as const
  const wrong = fatal('invalid username/password')
  const answers = [
    registryError(refused, pushing),
    registryError(asked + refused, pushing),
    registryError(refused, { ...pushing, hadAuth: true }),
    registryError(fatal('denied: no'), { ...pushing, hadAuth: true }),
    registryError(ping + wrong, loggingIn),
    registryError(wrong, loggingIn),
  ]
  assert.deepEqual(
    answers.map(({ kind, message }) => [kind, message]),
    [
      ['internal', 'no basic auth credentials'],
      ['internal', 'denied: requested access to the resource is denied'],
      ['internal', 'unauthorized: authentication required'],
      ['internal', 'denied: requested access to the resource is denied'],
      ['unauthorized', 'Get "http://127.0.0.1:5000/v2/": unauthorized: authentication required'],
      ['unauthorized', 'Get "https://127.0.0.1:5000/v2/": unauthorized: authentication required'],
    ],
  )
})
