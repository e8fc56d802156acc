import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PublishedPort, SandboxRecord } from '../model.ts'
import type { PortWish } from '../networking.ts'
import { foldSandbox, unfoldSandbox } from './stored-ports.ts'

const wish = (containerPort: number, from: number, to = from): PortWish => {
  return { protocol: 'tcp', containerPort, hostAddress: '', hostPorts: { from, to } }
}

function record(ports: readonly PublishedPort[], wishes: readonly PortWish[]): SandboxRecord {
  const own = { containerId: 'c', containerName: 'web', ports: wishes }
  return {
    version: 1,
    id: 's',
    containerId: 'c',
    path: '',
    ports,
    wish: own,
    resolvConfHash: '',
  } as unknown as SandboxRecord
}

test('foldSandbox() makes a range one line, and unfoldSandbox() gives back what was folded', () => {
  const count = 10_000
  const ports = ['0.0.0.0', '::'].flatMap((hostAddress) =>
    Array.from({ length: count }, (_, i): PublishedPort => {
      return { protocol: 'tcp', containerPort: 20_000 + i, hostAddress, hostPort: 20_000 + i }
    }),
  )
  const range = Array.from({ length: count }, (_, i) => wish(20_000 + i, 20_000 + i))
  const wishes = [...range, wish(80, 0), wish(81, 0), wish(90, 9000, 9010), wish(91, 9001, 9011), wish(91, 7)]
  const folded = foldSandbox(record(ports, wishes))
  assert.deepEqual([folded.ports.length, folded.wish.ports.length], [2, 4])
  assert.deepEqual(unfoldSandbox(JSON.parse(JSON.stringify(folded))), record(ports, wishes))
})

test('unfoldSandbox() takes records as they were written before', () => {
  const port = { protocol: 'tcp', containerPort: 80, hostAddress: '::', hostPort: 8080 } as const
  assert.deepEqual(unfoldSandbox(record([port], [wish(80, 8080)])), record([port], [wish(80, 8080)]))
})
