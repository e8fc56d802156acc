import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonical, familiar, isLoopbackRegistry, parseReference, withDefaultTag } from './references.ts'

const digest = `sha256:${'ab'.repeat(32)}`

test('parseReference() completes names as Docker does', () => {
  const cases: [string, string, string][] = [
    ['busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['busybox:1.36', 'docker.io/library/busybox:1.36', 'busybox:1.36'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['index.docker.io/library/busybox', 'docker.io/library/busybox:latest', 'busybox:latest'],
    ['me/app:v1', 'docker.io/me/app:v1', 'me/app:v1'],
    ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
    ['localhost:5000/x:1', 'localhost:5000/x:1', 'localhost:5000/x:1'],
    ['[::1]:5000/a/b', '[::1]:5000/a/b:latest', '[::1]:5000/a/b:latest'],
    ['ghcr.io/a/b/c', 'ghcr.io/a/b/c:latest', 'ghcr.io/a/b/c:latest'],
    [`busybox@${digest}`, `docker.io/library/busybox@${digest}`, `busybox@${digest}`],
    [`busybox:1@${digest}`, `docker.io/library/busybox:1@${digest}`, `busybox:1@${digest}`],
    ['docker.io/library/a/b', 'docker.io/library/a/b:latest', 'library/a/b:latest'],
    ['a__b/c--d.e_f', 'docker.io/a__b/c--d.e_f:latest', 'a__b/c--d.e_f:latest'],
  ]
  for (const [text, whole, short] of cases) {
    const reference = withDefaultTag(parseReference(text))
    assert.deepEqual([canonical(reference), familiar(reference)], [whole, short], text)
  }
})

test('parseReference() refuses what Docker refuses, in its words', () => {
  const plain = ['', ':', '@', 'a:', 'a b', '/a', 'a/', 'a//b', '-a', 'a:b:c', 'a@sha256:12', `a@${digest}@${digest}`]
  plain.push('a_.b', 'a:-x', `a:${'t'.repeat(129)}`, 'http://x/y', '../etc/passwd', 'a\n', 'ä')
  for (const text of plain)
    assert.throws(() => parseReference(text), { kind: 'invalid-argument', message: 'invalid reference format' }, text)
  const worded: [string, RegExp][] = [
    ['Foo', /^invalid reference format: repository name \(library\/Foo\) must be lowercase$/],
    ['ab'.repeat(32), /cannot specify 64-byte hexadecimal strings$/],
    ['a'.repeat(256), /must not be more than 255 characters$/],
  ]
  for (const [text, message] of worded) assert.throws(() => parseReference(text), { kind: 'invalid-argument', message })
})

test('isLoopbackRegistry() knows 127.0.0.0/8, ::1 and localhost', () => {
  for (const domain of ['localhost', 'localhost:5000', '127.0.0.1:5000', '127.9.8.7', '[::1]:5000'])
    assert.equal(isLoopbackRegistry(domain), true, domain)
  for (const domain of ['docker.io', '127.0.0.1.example.org', 'localhost.example.org', '10.0.0.1:5000'])
    assert.equal(isLoopbackRegistry(domain), false, domain)
})
