import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fetchArchive } from './fetch-archive.ts'

const never = new AbortController().signal

test('fetchArchive() opens what a server has, and says what it says', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/a.tar' ? 200 : 404
    response.end(request.url === '/a.tar' ? 'archive' : 'no such thing')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const place = `127.0.0.1:${(server.address() as AddressInfo).port}`
  try {
    for (const source of [`http://${place}/a.tar`, `${place}/a.tar`]) {
      const { url, archive } = await fetchArchive(source, never)
      assert.deepEqual([url, await text(archive)], [`http://${place}/a.tar`, 'archive'])
    }
    const message = `failed to GET http://${place}/b with status 404 Not Found: no such thing`
    await assert.rejects(fetchArchive(`${place}/b`, never), { kind: 'not-found', message })
  } finally {
    server.close()
    server.closeAllConnections()
  }
  await assert.rejects(fetchArchive(`${place}/a.tar`, never), { kind: 'internal', message: /^Get "http:.*": ./ })
})

test('fetchArchive() refuses what is no address of a web server', async () => {
  for (const source of ['ftp://x/y', 'http://', 'file:///etc/passwd']) {
    await assert.rejects(fetchArchive(source, never), { kind: 'invalid-argument' }, source)
  }
})
