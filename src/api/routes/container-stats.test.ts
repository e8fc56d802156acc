import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { fakeContainer } from '../../../test/support/api/fake-records.ts'
import { serve } from '../../../test/support/api/serve.ts'
import { eventually } from '../../../test/support/eventually.ts'

test('a client of stats that stops reading is waited for, and one that leaves ends the measuring', async () => {
  await using served = await serve()
  const { engine, path } = served
  engine.records.push(fakeContainer('c0', 'web'))
  let told = 0
  let isOver = false
  engine.containers.stats = async function* () {
    try {
      for (; ; told++) {
        yield { containerId: 'c0', containerName: 'web' }
        await turn()
      }
    } finally {
      isOver = true
    }
  }
  const client = request({ socketPath: path, path: '/containers/web/stats' }, (answer) => {
    answer.on('error', () => {}) // it leaves
    answer.pause()
  })
  client.on('error', () => {})
  client.end()
  const stands = async () => {
    const before = told
    for (let i = 0; i < 100; i++) await turn()
    return told > 0 && told === before
  }
  await eventually(stands, true)
  assert.ok(told < 5000, `${told} answers were made for somebody who reads none`)
  client.destroy()
  await eventually(async () => isOver, true)
})

test('stats are a stream unless told; one-shot counts from API 1.41 on', async () => {
  await using served = await serve()
  const { engine, ask } = served
  engine.records.push(fakeContainer('c0', 'web'))
  const manners: string[] = []
  engine.containers.stats = async function* (_, manner) {
    manners.push(manner)
    yield { containerId: 'c0', containerName: 'web' }
  }
  for (const query of ['', '?stream=', '?stream=1', '?stream=0', '?stream=false&one-shot=true']) {
    const { status, headers, json } = await ask('GET', `/containers/web/stats${query}`)
    assert.deepEqual([status, headers['content-type'], json.name], [200, 'application/json', '/web'])
  }
  await ask('GET', '/v1.40/containers/web/stats?stream=0&one-shot=1')
  assert.deepEqual(manners, ['stream', 'stream', 'stream', 'compared', 'once', 'compared'])
})
