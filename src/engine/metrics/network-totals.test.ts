import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Measurement } from '../../container/stats/measurement.ts'
import { parseStatV2 } from '../../kernel/cgroups/parse-counters.ts'
import { NetworkTotals } from './network-totals.ts'
import { renderMetrics } from './render.ts'

const texts = { cpuStat: '', usage: '', limit: '', events: '', memoryStat: '', pids: '', pidsMax: '', io: '' }

/** What a container has carried: bytes received, by endpoint. */
function measured(received: Readonly<Record<string, number>>): Measurement {
  const rest = { receivedPackets: 0, sentBytes: 0, sentPackets: 0 }
  const broken = { receiveErrors: 0, receiveDropped: 0, sendErrors: 0, sendDropped: 0 }
  const traffic = Object.entries(received).map(([endpointId, receivedBytes]) => {
    return { interfaceName: 'eth0', endpointId, networkId: 'n', networkName: 'lan', receivedBytes, ...rest, ...broken }
  })
  const names = { containerId: 'c', containerName: 'box', startedAt: '', time: '', systemTime: 0, processors: 1 }
  return { ...names, used: parseStatV2(texts), traffic }
}

test('NetworkTotals never fall: not when containers go, nor when an interface is made again; shared ones count once', () => {
  const totals = new NetworkTotals()
  const present = new Set(['n'])
  const received = (...measurements: Measurement[]) => {
    totals.update(measurements, present)
    return totals.read(() => ({}))[0]!.samples.map(({ value }) => value)
  }
  assert.deepEqual(received(), [])
  assert.deepEqual(received(measured({ a: 100 }), measured({ a: 100 })), [100])
  assert.deepEqual(received(measured({ a: 150, b: 10 })), [160])
  assert.deepEqual(received(measured({ b: 10 })), [160])
  assert.deepEqual(received(measured({ b: 4 })), [164])
  present.clear()
  assert.deepEqual(received(), [])
})

test('renderMetrics() writes Prometheus’ text, with what is special in labels escaped', async () => {
  const samples = [{ labels: { name: 'a "b"\\c\nd' }, value: 1.5 }]
  const { text } = await renderMetrics([{ name: 'x_total', help: 'X.', type: 'counter', samples }])
  assert.equal(text, '# HELP x_total X.\n# TYPE x_total counter\nx_total{name="a \\"b\\"\\\\c\\nd"} 1.5\n')
})
