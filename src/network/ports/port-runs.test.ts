import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PublishedPort } from '../model.ts'
import { portRuns, portsOfRun } from './port-runs.ts'

const port = (hostPort: number, more: Partial<PublishedPort> = {}): PublishedPort => {
  return { protocol: 'tcp', containerPort: hostPort, hostAddress: '0.0.0.0', hostPort, ...more }
}

test('portRuns() folds what counts upwards together, whatever the order, and nothing else', () => {
  const ports = [8002, 8000, 8001, 9000].map((number) => port(number))
  const moved = [80, 81].map((containerPort) => port(containerPort + 8000, { containerPort, hostAddress: '::' }))
  const udp = port(8003, { protocol: 'udp' })
  const runs = portRuns([...ports, ...moved, udp])
  assert.deepEqual(runs, [
    { ...port(8000), count: 3 },
    { ...port(9000), count: 1 },
    { ...moved[0], count: 2 },
    { ...udp, count: 1 },
  ])
  const unfolded = runs.flatMap(portsOfRun)
  assert.deepEqual(new Set(unfolded.map((one) => JSON.stringify(one))).size, 7)
})

test('portRuns() counts ports without a host port by the container’s, and takes the same port once', () => {
  const open = [81, 80, 80].map((containerPort) => port(0, { containerPort }))
  const runs = portRuns(open)
  assert.deepEqual(runs, [{ ...port(0, { containerPort: 80 }), count: 2 }])
  assert.deepEqual(
    runs.flatMap(portsOfRun),
    [80, 81].map((containerPort) => port(0, { containerPort })),
  )
})
