import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NamedEndpoint } from '../../resolver/protocol.ts'
import type { NetworkRecord } from '../model.ts'
import type { AttachmentWish, SandboxWish } from '../networking.ts'
import { AnnouncedNames } from './announced-names.ts'

function wishOf(containerName: string, networks: readonly string[]): SandboxWish {
  const attachments = networks.map((network) => ({ network, aliases: ['alias'] }) as unknown as AttachmentWish)
  return {
    containerId: 'c1',
    containerName,
    hostname: 'c1',
    mode: { kind: 'own', attachments },
  } as unknown as SandboxWish
}

test('AnnouncedNames.announce() tells names without addresses on the networks that people made, and takes back others', async () => {
  const told = new Map<string, NamedEndpoint>()
  const announced = new AnnouncedNames({
    hearer: {
      announce: async (endpoint) => void told.set(endpoint.id, endpoint),
      withdraw: async (id) => void told.delete(id),
    },
    table: {
      network: () => undefined,
      networkNamed: (name) => (name === 'gone' ? undefined : ({ id: `id-${name}`, name } as NetworkRecord)),
    },
  })
  await announced.announce(wishOf('web', ['bridge', 'net', 'gone']))
  assert.deepEqual(
    [...told.values()],
    [
      {
        id: 'c1@id-net',
        networkId: 'id-net',
        names: ['web', 'alias', 'c1'],
        addresses: [],
        owner: { containerId: 'c1', networkName: 'net' },
      },
    ],
  )
  await announced.announce(wishOf('renamed', ['other']))
  assert.deepEqual(
    [...told.values()].map(({ id, names }) => [id, names[0]]),
    [['c1@id-other', 'renamed']],
  )
  await announced.withdraw('c1')
  assert.equal(told.size, 0)
})
