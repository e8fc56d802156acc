import assert from 'node:assert/strict'
import { test } from 'node:test'
import { imageRecord, parseImageConfig } from '../config/image-config.ts'
import { type ImageUser, planRemoval } from './plan-removal.ts'

const digest = `@sha256:${'9'.repeat(64)}`
const stopped: ImageUser = { containerId: '0123456789abcdef', running: false }
const running: ImageUser = { containerId: 'fedcba9876543210', running: true }

function image(...names: string[]) {
  const isDigest = (name: string) => name.includes('@')
  return imageRecord(
    `sha256:abcdef012345${'0'.repeat(52)}`,
    parseImageConfig('{"rootfs":{"diff_ids":[]}}', 'test'),
    [],
    {
      repoTags: names.filter((name) => !isDigest(name)),
      repoDigests: names.filter(isDigest),
    },
  )
}

/** The plan in one line: names in order, `!` when the image goes; or the error. */
function plan(names: string[], name: string | undefined, force: boolean, ...users: ImageUser[]): string {
  const target = name === undefined ? ({ by: 'id' } as const) : ({ by: 'name', name, asked: `asked ${name}` } as const)
  try {
    const { untag, deletes } = planRemoval(image(...names), target, force, users)
    return untag.join(' ') + (deletes ? '!' : '')
  } catch (error) {
    return (error as Error).message
  }
}

test('planRemoval() by name takes the name, and the image with the last one', () => {
  assert.equal(plan(['a:1'], 'a:1', false), 'a:1!')
  assert.equal(plan(['a:1', 'a:2'], 'a:1', false), 'a:1')
  assert.equal(plan(['a:1', 'b:1'], 'a:1', false, running), 'a:1')
  assert.equal(plan(['a:1', `a${digest}`], 'a:1', false), `a:1 a${digest}!`)
  assert.equal(plan(['a:1', `a${digest}`], `a${digest}`, false), `a${digest}`)
  assert.equal(plan(['a:1', 'b:1', `a${digest}`], 'a:1', false), `a:1 a${digest}`)
  assert.equal(plan(['a:1', 'a:2', `a${digest}`], 'a:1', false), 'a:1')
})

test('planRemoval() by name leaves an image that is in use, by force without its name', () => {
  const conflict = (id: string) =>
    `conflict: unable to remove repository reference "asked a:1" (must force) - container ${id} is using its referenced image abcdef012345`
  assert.equal(plan(['a:1'], 'a:1', false, stopped), conflict('0123456789ab'))
  assert.equal(plan(['a:1'], 'a:1', false, running), conflict('fedcba987654'))
  assert.equal(plan(['a:1'], 'a:1', true, running), 'a:1')
  assert.equal(plan(['a:1'], 'a:1', true, stopped), 'a:1!')
})

test('planRemoval() by id takes everything that one repository has, more only by force', () => {
  const conflict = 'conflict: unable to delete abcdef012345'
  assert.equal(plan([], undefined, false), '!')
  assert.equal(plan(['a:1', `a${digest}`], undefined, false), `a:1 a${digest}!`)
  assert.equal(
    plan(['a:1', 'b:1'], undefined, false),
    `${conflict} (must be forced) - image is referenced in multiple repositories`,
  )
  assert.equal(plan(['a:1', 'b:1'], undefined, true), 'a:1 b:1!')
  assert.equal(
    plan(['a:1'], undefined, false, stopped),
    `${conflict} (must be forced) - image is being used by stopped container 0123456789ab`,
  )
  assert.equal(plan(['a:1'], undefined, true, stopped), 'a:1!')
  assert.equal(
    plan(['a:1'], undefined, true, stopped, running),
    `${conflict} (cannot be forced) - image is being used by running container fedcba987654`,
  )
})
