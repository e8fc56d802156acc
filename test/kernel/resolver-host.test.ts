import assert from 'node:assert/strict'
import { closeSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { bindSocket, openSocket } from '../../src/kernel/sockets/sockets.ts'
import type { NamedEndpoint } from '../../src/resolver/protocol.ts'
import { type Dug, dig, raiseLoopback, runIn } from '../support/dig.ts'
import { addresses, startDnsServer } from '../support/dns-server.ts'
import { kernelTest } from '../support/kernel.ts'
import { startResolver } from '../support/resolver.ts'

const address = '127.0.0.77'
const host = { address, port: 53 }

function endpoint(container: string, network: string, addresses: string[], ...names: string[]): NamedEndpoint {
  const owner = { containerId: container, networkName: network }
  return { id: `${container}@${network}`, networkId: `id-${network}`, names: [container, ...names], addresses, owner }
}

/** Asks the host's resolver, from the host. */
const ask = (namespace: NetworkNamespace, ...words: string[]): Promise<Dug> => dig(namespace, `@${address}`, ...words)

const refused = { status: 'REFUSED', flags: ['qr', 'rd', 'ra'], answers: [] }
const nothing = { status: 'NOERROR', flags: ['qr', 'rd', 'ra'], answers: [] }

async function startOnHost(namespace: NetworkNamespace) {
  await raiseLoopback(namespace)
  const resolver = await startResolver(namespace)
  await resolver.client.tell({ do: 'put-host', host })
  for (const one of [
    endpoint('web', 'front', ['10.1.0.2', 'fd00:1::2'], 'www', 'shop.example.org'),
    endpoint('web', 'back', ['10.2.0.2']),
    endpoint('db', 'back', ['10.2.0.3']),
    endpoint('db2', 'front', ['10.1.0.3'], 'db', 'api'),
    endpoint('api2', 'front', ['10.1.0.4'], 'api'),
    endpoint('idle', 'front', []),
  ]) {
    await resolver.client.tell({ do: 'put-endpoint', endpoint: one })
  }
  return resolver
}

kernelTest('the host is told names of containers, over UDP and TCP, and nothing else', async ({ namespace }) => {
  await using _ = await startOnHost(namespace)
  for (const [words, answers] of [
    [['web.front'], ['web.front. 0 IN A 10.1.0.2']],
    [['+tcp', 'WEB.Back'], ['WEB.Back. 0 IN A 10.2.0.2']],
    [['web.front', 'AAAA'], ['web.front. 0 IN AAAA fd00:1::2']],
    [['shop.example.org.front'], ['shop.example.org.front. 0 IN A 10.1.0.2']],
    [['-x', '10.2.0.3'], ['3.0.2.10.in-addr.arpa. 0 IN PTR db.back.']],
    [['www'], ['www. 0 IN A 10.1.0.2']],
    // One container on two networks, and two of one network, are no contradiction.
    [['web'], ['web. 0 IN A 10.1.0.2', 'web. 0 IN A 10.2.0.2']],
    [['api'], ['api. 0 IN A 10.1.0.3', 'api. 0 IN A 10.1.0.4']],
  ] as const) {
    const { status, answers: seen } = await ask(namespace, ...words)
    assert.deepEqual([status, seen], ['NOERROR', answers], words.join(' '))
  }
  for (const name of ['db', 'idle', 'idle.front']) assert.deepEqual(await ask(namespace, name), nothing, name)
  assert.deepEqual(await ask(namespace, 'web.back', 'AAAA'), nothing)
  for (const name of ['elsewhere', 'other.front', 'shop.example.org', 'example.org', 'front']) {
    assert.deepEqual(await ask(namespace, name), refused, name)
  }
  assert.equal((await ask(namespace, '-x', '192.0.2.1')).status, 'REFUSED')
})

kernelTest('the resolver for the host follows, moves, and ends when it is told to', async ({ namespace }) => {
  await using resolver = await startOnHost(namespace)
  const { client } = resolver
  await client.tell({ do: 'remove-endpoint', id: 'db2@front' })
  assert.deepEqual((await ask(namespace, 'db')).answers, ['db. 0 IN A 10.2.0.3'])
  await client.tell({ do: 'put-endpoint', endpoint: endpoint('db', 'back', ['10.2.0.9']) })
  assert.deepEqual((await ask(namespace, 'db')).answers, ['db. 0 IN A 10.2.0.9'])
  assert.equal((await ask(namespace, '-x', '10.2.0.3')).status, 'REFUSED')

  await client.tell({ do: 'put-host', host: { address: '::1', port: 5353 } })
  assert.equal((await dig(namespace, '@::1', '-p', '5353', 'web.front')).status, 'NOERROR')
  await assert.rejects(ask(namespace, '+time=1', 'web'), 'the old address is given up')
  const wrong = await client.ask({ do: 'put-host', host: { address: '192.0.2.1', port: 53 } })
  assert.equal(wrong.error.errno, 'EADDRNOTAVAIL')
  assert.equal((await dig(namespace, '@::1', '-p', '5353', 'web.front')).status, 'NOERROR', 'it was left as it is')
  await client.tell({ do: 'retain', sandboxes: [], endpoints: ['db@back'], ports: [] })
  assert.equal((await dig(namespace, '@::1', '-p', '5353', 'web.front')).status, 'REFUSED')
  await client.tell({ do: 'remove-host' })
  await assert.rejects(dig(namespace, '@::1', '-p', '5353', '+time=1', 'db'))
})

kernelTest('an address that another program has is refused by name', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const fd = namespace.run(() => {
    const udp = openSocket('udp', address)
    bindSocket(udp, address, 53)
    return udp
  })
  const { error } = await resolver.client.ask({ do: 'put-host', host })
  closeSync(fd)
  assert.equal(error.errno, 'EADDRINUSE')
  await resolver.client.tell({ do: 'put-host', host })
  assert.deepEqual(await ask(namespace, 'web'), refused)
})

kernelTest('a program that is refused asks the next server of resolv.conf', async ({ namespace }) => {
  await using _ = await startOnHost(namespace)
  await using next = await startDnsServer(namespace, '127.0.1.1', (query) => addresses(query, 9))
  const dir = mkdtempSync(join(tmpdir(), 'wharf-host-resolver-'))
  writeFileSync(join(dir, 'resolv.conf'), `nameserver ${address}\nnameserver 127.0.1.1\n`)
  // In a mount namespace of its own; what it says of the address it found comes before the ping, which goes nowhere.
  const line = `mount --bind ${dir}/resolv.conf /etc/resolv.conf; busybox ping -c1 -W1 "$0"; true`
  const found = async (name: string) =>
    /^PING \S+ \((\S+)\)/.exec(await runIn(namespace, 'unshare', '-m', 'sh', '-c', line, name))?.[1]
  assert.deepEqual([await found('db2.front'), await found('www.example.org')], ['10.1.0.3', '192.0.2.9'])
  assert.ok(
    next.asked.every((question) => question.includes('example')),
    'of containers nobody else is asked',
  )
  rmSync(dir, { recursive: true })
})
