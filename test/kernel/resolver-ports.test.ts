import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { silentLog } from '../../src/base/log.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { Ports } from '../../src/resolver/ports/ports.ts'
import type { PortReservation } from '../../src/resolver/protocol.ts'
import { connectTcp } from '../../src/resolver/tcp-connect.ts'
import { raiseLoopback } from '../support/dig.ts'
import { kernelTest } from '../support/kernel.ts'
import { bound, openUdp, port, release, reservation, retain, serveTcp } from '../support/port-reservations.ts'
import { startResolver } from '../support/resolver.ts'

kernelTest('resolver holds ports of both protocols and families until they are released', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const { client } = resolver
  const udp = port({ protocol: 'udp', hostAddress: '127.0.0.1' })
  const wanted = [
    reservation(),
    reservation({ hostAddress: '::' }),
    reservation(udp),
    reservation({ protocol: 'udp', hostAddress: '::1' }),
  ]
  // The second time nothing changes.
  for (const request of [...wanted, ...wanted]) await client.tell(request)
  assert.deepEqual(await bound(namespace), [
    'tcp 0.0.0.0:8080',
    'tcp [::]:8080',
    'udp 127.0.0.1:8080',
    'udp [::1]:8080',
  ])
  await client.tell(release())
  await client.tell(release())
  await client.tell(retain(udp))
  assert.deepEqual(await bound(namespace), ['udp 127.0.0.1:8080'])
})

kernelTest('resolver says which port the kernel refuses and why, and keeps what it had', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const { client } = resolver
  await client.tell(reservation())
  const refusal = async (...ports: Partial<PortReservation>[]) => {
    const { error } = await client.ask(reservation(...ports.map((each) => ({ owner: 'c2', ...each }))))
    return error && [error.errno, error.port?.hostAddress, error.port?.hostPort]
  }
  assert.deepEqual(await refusal({}), ['EADDRINUSE', '0.0.0.0', 8080])
  assert.deepEqual(await refusal({ hostAddress: '127.0.0.1' }), ['EADDRINUSE', '127.0.0.1', 8080])
  const range = { hostPort: 8070, count: 20 }
  assert.deepEqual(await refusal({ protocol: 'udp' }, range), ['EADDRINUSE', '0.0.0.0', 8080])
  assert.deepEqual(await refusal({ ...range, hostAddress: '*' }), ['EADDRINUSE', '0.0.0.0', 8080])
  assert.deepEqual(await refusal({ hostAddress: '192.0.2.1' }), ['EADDRNOTAVAIL', '192.0.2.1', 8080])
  const sctp = await refusal({ protocol: 'sctp' })
  assert.ok(sctp === undefined || sctp[0] === 'EPROTONOSUPPORT')
  await client.tell(release({ owner: 'c2', protocol: 'sctp' }))
  assert.deepEqual(await bound(namespace), ['tcp 0.0.0.0:8080'])
})

kernelTest(
  'resolver holds a range for both families by one socket for each port, and takes it apart',
  async ({ namespace }) => {
    await using resolver = await startResolver(namespace)
    const { client } = resolver
    const range = { hostAddress: '*', hostPort: 20_000, count: 1000 }
    for (const owner of ['c1', 'c1']) await client.tell(reservation({ ...range, owner }))
    assert.equal((await bound(namespace)).length, 1000)
    assert.ok(readdirSync(`/proc/${resolver.process.pid}/fd`).length < 1060)
    const others = await client.ask(reservation({ owner: 'c2', hostAddress: '::', hostPort: 20_500 }))
    assert.deepEqual([others.error.errno, others.error.port.hostAddress], ['EADDRINUSE', '::'])

    for (const hostAddress of ['0.0.0.0', '::']) await client.tell(release({ hostAddress, hostPort: 20_500 }))
    assert.equal((await bound(namespace)).length, 999)
    await client.tell(reservation({ owner: 'c2', hostAddress: '::', hostPort: 20_500 }))
    assert.deepEqual(await bound(namespace, 'sport', '=', '20500'), ['tcp [::]:20500'])

    // A daemon that comes back says the same in other words.
    const single = { hostPort: 20_001 }
    await client.tell(reservation({ ...single, hostAddress: '0.0.0.0' }, { ...single, hostAddress: '::' }))
    await client.tell(
      retain(port({ ...single, hostAddress: '::' }), port({ hostAddress: '*', hostPort: 20_003, count: 2 })),
    )
    assert.deepEqual(await bound(namespace), ['tcp *:20001', 'tcp *:20003', 'tcp *:20004'])
    await client.tell(retain())
    assert.deepEqual(await bound(namespace), [])
  },
)

kernelTest('resolver carries each port of a range for both families in step, by IPv6 alone', async ({ namespace }) => {
  await raiseLoopback(namespace)
  await using resolver = await startResolver(namespace)
  const proxyTo = { address: '127.0.0.2', port: 90 }
  const range = { hostAddress: '*', hostPort: 8000, count: 3, proxyTo }
  await resolver.client.tell(reservation(range, { ...range, protocol: 'udp' }))
  await using _ = await serveTcp(namespace, '127.0.0.2', 92, (socket) => socket.end('served'))
  assert.equal(await text(connectTcp(namespace, '::1', 8002).end()), 'served')
  const [error] = await once(connectTcp(namespace, '127.0.0.1', 8002), 'error')
  assert.equal(error.code, 'ECONNRESET')

  await using server = await openUdp(namespace, '127.0.0.2', 91)
  server.socket.on('message', (data, { port: to, address }) => server.socket.send(`${data}!`, to, address))
  await using client = await openUdp(namespace, '::1', 7001)
  const heard = once(client.socket, 'message')
  client.socket.send('word', 8001, '::1')
  assert.equal(String((await heard)[0]), 'word!')
})

kernelTest('Ports keeps descriptors for others, and holds none of a range that is too long', async ({ namespace }) => {
  await using poller = new Poller()
  using ports = new Ports({ poller, log: silentLog, descriptors: 20 })
  namespace.run(() => {
    assert.throws(() => ports.reserve([port({ count: 11 })]), {
      errno: 'EMFILE',
      port: { protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 8090 },
    })
    ports.reserve([port({ count: 10 })])
  })
  assert.equal((await bound(namespace)).length, 10)
})
