/** What telling another host costs at the least: a transaction, and the watch that brings it. Run beside etcd. */
import { setTimeout as sleep } from 'node:timers/promises'
import { EtcdClient } from '../../src/cluster/etcd/client.ts'
import { Timings } from './timings.ts'

const rounds = 50
const [member] = process.argv.slice(2)
using client = new EtcdClient({ members: [member!], tls: {} })
const timings = new Timings()
const over = new AbortController()
let heard = Promise.withResolvers<void>()
const watching = (async () => {
  for await (const { events } of client.watch({ from: '/floor', end: '/floor0', revision: 0 }, over.signal)) {
    if (events.length > 0) heard.resolve()
  }
})().catch((error: unknown) => {
  if (!over.signal.aborted) throw error
})
await sleep(200) // it watches
for (let round = 0; round < rounds; round++) {
  heard = Promise.withResolvers<void>()
  await timings.time('told', async () => {
    await Promise.all([client.txn([], [{ put: '/floor', value: 'x'.repeat(600) }]), heard.promise])
  })
  await sleep(20)
}
over.abort()
await watching
console.log(timings.median('told'))
