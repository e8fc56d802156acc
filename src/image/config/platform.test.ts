import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choosePlatform, hostPlatform, parsePlatform, renderPlatform } from './platform.ts'

test('parsePlatform() reads what people write, and names each machine one way', () => {
  const cases = [
    ['linux/amd64', 'linux/amd64'],
    ['LINUX/x86_64', 'linux/amd64'],
    ['arm64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
  ] as const
  for (const [text, name] of cases) assert.equal(renderPlatform(parsePlatform(text)), name, text)
  for (const text of ['', 'linux/', 'a/b/c/d', 'linux/am d64'])
    assert.throws(() => parsePlatform(text), { kind: 'invalid-argument' })
})

test('choosePlatform() takes the newest variant that runs, and nothing when none does', () => {
  const offers = ['linux/arm/v5', 'linux/arm/v6', 'linux/arm64/v8', 'windows/amd64', 'linux/amd64'].map((text) => {
    const [os, architecture, variant] = text.split('/')
    return { text, platform: { os: os!, architecture: architecture!, ...(variant !== undefined && { variant }) } }
  })
  const choose = (text: string) => choosePlatform(offers, parsePlatform(text))?.text
  assert.deepEqual(
    ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/arm/v6', 'linux/s390x', 'windows/amd64'].map(choose),
    ['linux/amd64', 'linux/arm64/v8', 'linux/arm/v6', 'linux/arm/v6', undefined, 'windows/amd64'],
  )
  const small = ['linux/386', 'linux/arm/v6'].map((text) => ({ text, platform: parsePlatform(text) }))
  assert.deepEqual(
    ['linux/amd64', 'linux/arm64', 'linux/386'].map((text) => choosePlatform(small, parsePlatform(text))?.text),
    ['linux/386', 'linux/arm/v6', 'linux/386'],
  )
  assert.equal(hostPlatform().os, 'linux')
})
