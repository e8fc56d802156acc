import type { SandboxRecord } from '../../../src/network/model.ts'
import type { Networking } from '../../../src/network/networking.ts'
import { fakeNetwork } from './fake-records.ts'
import { act, type FakeState, findIn } from './fake-state.ts'

/** Networks that are records. */
export function fakeNetworks(engine: FakeState): Networking {
  const { networkRecords, endpoints, ports } = engine
  const find = (ref: string) => findIn(networkRecords, ref, `network ${ref} not found`)
  const nothing = async () => {}
  return {
    foreign: {
      attach: () => Promise.reject(new Error('not in the fake')),
      detach: nothing,
      check: () => [],
      collect: nothing,
    },
    drivers: ['bridge', 'host', 'null'],
    async create(request) {
      act(engine, `network create ${JSON.stringify(request)}`)
      const record = fakeNetwork(`d${networkRecords.length}`, request.name, { driver: request.driver ?? 'bridge' })
      networkRecords.push(record)
      return { id: record.id, warning: '' }
    },
    async remove(ref) {
      act(engine, `network remove ${find(ref).name}`)
    },
    find,
    list: () => networkRecords,
    async prune(filter, inUse) {
      return networkRecords.filter((record) => filter(record) && !inUse.has(record.id)).map(({ name }) => name)
    },
    endpointsOf: (networkId) => endpoints.filter((endpoint) => endpoint.networkId === networkId),
    elsewhere: () => undefined,
    paths: () => [],
    rotateSecret: () => undefined,
    examineShared: () => undefined,
    isPredefined: (name) => ['bridge', 'host', 'none'].includes(name),
    check: () => [],
    openSandbox: () => Promise.reject(new Error('not in the fake')),
    closeSandbox: nothing,
    sandboxOf(containerId) {
      const own = endpoints.filter((endpoint) => endpoint.containerId === containerId)
      // The API never looks at the wish.
      const sandbox = {
        version: 1,
        id: 's1',
        containerId,
        path: '/ns/s1',
        ports: ports.get(containerId) ?? [],
      } as unknown as SandboxRecord
      return own.length > 0 ? { sandbox, endpoints: own } : undefined
    },
    connect: () => Promise.reject(new Error('not in the fake')),
    disconnect: nothing,
    announce: nothing,
    forget: nothing,
    rename: nothing,
    trafficOf: () => ({ read: () => [], [Symbol.dispose]() {} }),
    meters: [],
    readNameMeters: async () => [],
    publishedPorts: (containerId) => ports.get(containerId) ?? [],
    reachOf: () => [],
    publish: () => Promise.reject(new Error('not in the fake')),
    unpublish: nothing,
    shadows: () => [],
    recover: nothing,
    close: nothing,
  }
}
