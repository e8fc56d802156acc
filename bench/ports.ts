import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { openNetworkLab, port } from '../test/support/network-lab.ts'
import { Timings } from './support/timings.ts'

/** What it costs to publish many ports of a running container in one operation, and to withdraw them. */
const rounds = 5

using host = NetworkNamespace.create()
await using lab = await openNetworkLab(host)
const { networking } = lab
const { containerId } = await openContainer()

async function openContainer() {
  const wish = lab.wish('many', ['bridge'])
  await networking.openSandbox(wish)
  return wish
}

// With IPv6 each port also has a proxy, and so three descriptors in the resolver: 10 000 are beyond the usual limit.
for (const [what, hostAddress, counts] of [
  ['0.0.0.0', '0.0.0.0', [1, 100, 1000, 10_000]],
  ['both families', '', [1, 100, 1000]],
] as const) {
  for (const count of counts) {
    const wishes = Array.from({ length: count }, (_, i) => ({ ...port(10_000 + i, 10_000 + i), hostAddress }))
    const timings = new Timings()
    for (let round = 0; round < rounds; round++) {
      const bound = await timings.time('publish', () => networking.publish(containerId, wishes))
      await timings.time('unpublish', () => networking.unpublish(containerId, bound, []))
    }
    const [publish, unpublish] = [timings.median('publish'), timings.median('unpublish')]
    const text = `publish ${publish.toFixed(1)} ms, unpublish ${unpublish.toFixed(1)} ms`
    console.log(`${String(count).padStart(6)} ports on ${what}: ${text}`)
  }
}
