import assert from 'node:assert/strict'
import { test } from 'node:test'
import { mergeConfig } from './merge-config.ts'

const image = {
  Env: ['PATH=/bin', 'LANG=C'],
  Entrypoint: ['/entry'],
  Cmd: ['serve'],
  WorkingDir: '/srv',
  Labels: { a: '1', b: '2' },
  ExposedPorts: { '80/tcp': {} },
}

test('mergeConfig() takes the image for everything that the user left open', () => {
  assert.deepEqual(mergeConfig({ Image: 'i' }, image), {
    Image: 'i',
    Entrypoint: ['/entry'],
    Cmd: ['serve'],
    Env: ['PATH=/bin', 'LANG=C'],
    User: '',
    WorkingDir: '/srv',
    Labels: { a: '1', b: '2' },
    ExposedPorts: { '80/tcp': {} },
  })
})

test('mergeConfig() lets the user win, and drops the command of the image with its entrypoint', () => {
  const merged = mergeConfig({ Entrypoint: ['sh'], Env: ['LANG=de', 'LANGUAGE'], Labels: { b: '3' } }, image)
  assert.deepEqual(
    [merged.Entrypoint, merged.Cmd, merged.Env, merged.Labels],
    [['sh'], null, ['PATH=/bin', 'LANG=de'], { a: '1', b: '3' }],
  )
  const cleared = mergeConfig({ Entrypoint: [''], Cmd: ['true'] }, image)
  assert.deepEqual([cleared.Entrypoint, cleared.Cmd], [null, ['true']])
})
