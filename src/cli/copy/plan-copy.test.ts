import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keepEnding, planCopy, splitArgument, splitPath } from './plan-copy.ts'

test('splitArgument() tells a container from a local path with a colon', () => {
  const seen = ['box:/x', 'box:x:y', 'x', './a:b', '/a:b', ':x'].map((text) => Object.values(splitArgument(text)))
  assert.deepEqual(seen, [
    ['box', '/x'],
    ['box', 'x:y'],
    ['', 'x'],
    ['', './a:b'],
    ['', '/a:b'],
    ['', 'x'],
  ])
})

test('splitPath() keeps the dot at the end', () => {
  const seen = ['/a/b', '/a/b/', '/a/b/.', '/', 'a', '/a/../b'].map((path) => Object.values(splitPath(path)).join(' '))
  assert.deepEqual(seen, ['/a b', '/a b', '/a/b .', '/ /', '. a', '/ b'])
  assert.deepEqual([keepEnding('/x', 'l/.'), keepEnding('/x', 'l/'), keepEnding('/x', 'l')], ['/x/.', '/x/', '/x'])
})

test('planCopy() puts files where cp would', () => {
  const file = { name: 'f', isDirectory: false }
  const dir = { name: 'd', isDirectory: true }
  const at = (path: string, isDirectory?: boolean) => ({
    path,
    found: isDirectory === undefined ? undefined : { path, isDirectory },
  })
  assert.deepEqual(planCopy(file, at('/t', true)), { directory: '/t' })
  assert.deepEqual(planCopy(dir, at('/t', true)), { directory: '/t' })
  assert.deepEqual(planCopy(file, at('/t/g', false)), { directory: '/t', rename: { from: 'f', to: 'g' } })
  assert.deepEqual(planCopy(dir, at('/t/e')), { directory: '/t', rename: { from: 'd', to: 'e' } })
  assert.deepEqual(planCopy(file, at('/t/g')), { directory: '/t', rename: { from: 'f', to: 'g' } })
  assert.throws(() => planCopy(dir, at('/t/g', false)), /^Error: cannot copy directory$/)
  assert.throws(() => planCopy(file, at('/t/g/')), /^Error: no such directory$/)
})
