import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { allowReuse, bindSocket, listenSocket, openSocket } from '../../src/kernel/sockets/sockets.ts'
import { dig, raiseLoopback, runIn } from '../support/dig.ts'
import { kernelTest } from '../support/kernel.ts'
import { sandboxSetup, startResolver, webEndpoint } from '../support/resolver.ts'

const noAnswer = { status: 'NOERROR', flags: ['qr', 'rd', 'ra'], answers: [] }

kernelTest('resolver answers names, addresses and PTR in a container, over UDP and TCP', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await using resolver = await startResolver(namespace)
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  for (const [words, answer] of [
    [['web'], 'web. 600 IN A 10.0.0.2'],
    [['WwW.FrOnT'], 'WwW.FrOnT. 600 IN A 10.0.0.2'],
    [['web', 'AAAA'], 'web. 600 IN AAAA fd00::2'],
    [['-x', '10.0.0.2'], '2.0.0.10.in-addr.arpa. 600 IN PTR web.front.'],
    [['+noedns', 'web'], 'web. 600 IN A 10.0.0.2'],
    [['+tcp', 'web'], 'web. 600 IN A 10.0.0.2'],
    [['+tcp', '+keepopen', 'web', 'www'], 'web. 600 IN A 10.0.0.2'],
  ] as const) {
    const { status, answers } = await dig(box, ...words)
    assert.deepEqual([status, answers[0]], ['NOERROR', answer], words.join(' '))
  }
  assert.deepEqual(await dig(box, 'web', 'MX'), noAnswer)
  assert.equal((await dig(box, 'elsewhere')).status, 'SERVFAIL')
  const nslookup = await runIn(box, 'busybox', 'nslookup', 'web.front', '127.0.0.11')
  assert.match(nslookup, /Address: 10\.0\.0\.2\n/)
  assert.match(nslookup, /Address: fd00::2\n/)
})

kernelTest('resolver follows what the daemon says', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await raiseLoopback(box)
  await using resolver = await startResolver(namespace)
  const { client } = resolver
  const answers = async (...words: string[]) => (await dig(box, ...words)).answers.map((line) => line.split(' ').at(-1))
  await client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  await client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await client.tell({
    do: 'put-endpoint',
    endpoint: webEndpoint({ id: 'e2', names: ['www'], addresses: ['10.0.0.3'] }),
  })
  assert.deepEqual(await answers('www'), ['10.0.0.2', '10.0.0.3'])
  await client.tell({ do: 'remove-endpoint', id: 'e1' })
  assert.deepEqual(await answers('www'), ['10.0.0.3'])
  await client.tell({ do: 'put-endpoint', endpoint: webEndpoint({ id: 'e2', names: ['www'], addresses: [] }) })
  assert.deepEqual(await dig(box, 'www'), noAnswer)
  const back = { networks: [{ id: 'n2', name: 'back' }], ndotsSet: true, links: { db: ['10.0.0.9'] } }
  await client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box, back) })
  assert.deepEqual(await answers('db'), ['10.0.0.9'])
  assert.deepEqual(await dig(box, 'web'), noAnswer, 'a single label stays here when ndots is set')
  assert.equal((await dig(box, 'web', 'TXT')).status, 'SERVFAIL')
  assert.equal((await dig(box, 'web.org')).status, 'SERVFAIL')
})

kernelTest('resolver truncates what does not fit, and gives all of it over TCP', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await raiseLoopback(box)
  await using resolver = await startResolver(namespace)
  const addresses = Array.from({ length: 100 }, (_, i) => `10.0.1.${i}`)
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint({ addresses }) })
  const counts = async (...words: string[]) => {
    const { flags, answers } = await dig(box, ...words, 'web')
    return [flags.includes('tc'), answers.length]
  }
  assert.deepEqual(await counts('+noedns', '+ignore'), [true, Math.floor((512 - 21) / 16)])
  assert.deepEqual(await counts('+bufsize=1232', '+ignore'), [true, Math.floor((1232 - 21 - 11) / 16)])
  assert.deepEqual(await counts('+bufsize=4096', '+ignore'), [false, 100])
  assert.deepEqual(await counts('+noedns'), [false, 100])
})

kernelTest('resolver leaves port 53 to a server of the container', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await raiseLoopback(box)
  await using resolver = await startResolver(namespace)
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  const fd = box.run(() => {
    const opened = openSocket('tcp', '0.0.0.0')
    allowReuse(opened)
    bindSocket(opened, '0.0.0.0', 53)
    listenSocket(opened, 1)
    return opened
  })
  const server = createServer((socket) => socket.end('mine')).listen({ fd })
  const said = await runIn(box, 'busybox', 'nc', '127.0.0.1', '53')
  assert.equal(said, 'mine')
  assert.deepEqual((await dig(box, '+tcp', 'web')).answers, ['web. 600 IN A 10.0.0.2'])
  const closed = once(server, 'close')
  server.close()
  await closed
})

kernelTest('resolver works beside a firewall of the container that tracks connections', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await raiseLoopback(box)
  await using resolver = await startResolver(namespace)
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  const only = 'ct state established accept; ip daddr 127.0.0.11 ct state new accept;'
  const chain = (hook: string) => `chain ${hook} { type filter hook ${hook} priority filter; policy drop; ${only} }`
  const rules = `table inet own { ${chain('input')}; ${chain('output')}; }`
  await runIn(box, 'nft', rules)
  assert.deepEqual((await dig(box, 'web')).answers, ['web. 600 IN A 10.0.0.2'])
  assert.deepEqual((await dig(box, '+tcp', 'web')).answers, ['web. 600 IN A 10.0.0.2'])
})

kernelTest(
  'resolver serves each container from its own networks, and lets go of what is removed',
  async ({ namespace }) => {
    using first = NetworkNamespace.create()
    using second = NetworkNamespace.create()
    for (const box of [first, second]) await raiseLoopback(box)
    await using resolver = await startResolver(namespace)
    const { client } = resolver
    const back = { id: 's2', networks: [{ id: 'n2', name: 'back' }] }
    await client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(first) })
    await client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(second, back) })
    await client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
    await client.tell({
      do: 'put-endpoint',
      endpoint: webEndpoint({ id: 'e2', networkId: 'n2', addresses: ['10.2.0.2'] }),
    })
    assert.deepEqual((await dig(first, 'web')).answers, ['web. 600 IN A 10.0.0.2'])
    assert.deepEqual((await dig(second, 'web')).answers, ['web. 600 IN A 10.2.0.2'])
    const sockets = async (box: NetworkNamespace) =>
      (await runIn(box, 'ss', '-Hlntu')).trim().split('\n').filter(Boolean).length
    assert.equal(await sockets(second), 2)
    await client.tell({ do: 'retain', sandboxes: ['s1'], endpoints: ['e1'], ports: [] })
    assert.equal(await sockets(second), 0)
    await client.tell({ do: 'remove-sandbox', id: 's1' })
    await client.tell({ do: 'remove-sandbox', id: 's1' })
    assert.equal(await sockets(first), 0)
  },
)

kernelTest('resolver takes over a namespace from a predecessor, and from another id', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await raiseLoopback(box)
  const tables = async () => (await runIn(box, 'nft', 'list', 'tables')).trim()
  {
    await using old = await startResolver(namespace)
    await old.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  }
  const before = await tables()
  await using resolver = await startResolver(namespace)
  await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box, { id: 'other' }) })
  assert.deepEqual((await dig(box, 'web')).answers, ['web. 600 IN A 10.0.0.2'])
  assert.equal(await tables(), before)
  await runIn(box, 'nft', 'flush', 'ruleset')
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box, { id: 'other' }) })
  assert.deepEqual((await dig(box, 'web')).answers, ['web. 600 IN A 10.0.0.2'])
})

kernelTest('resolver survives whatever is sent to it', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await raiseLoopback(box)
  await using resolver = await startResolver(namespace)
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  const noise = [
    'head -c 5000 /dev/urandom | busybox nc -w 1 127.0.0.11 53',
    "printf '\\0\\0\\377' | busybox nc -w 1 127.0.0.11 53",
  ]
  const datagrams = 'for i in 1 2 3 4 5 6 7 8 9; do head -c $((i * 7)) /dev/urandom > /dev/udp/127.0.0.11/53; done'
  await Promise.all(noise.map((line) => runIn(box, 'sh', '-c', `${line} >/dev/null; true`)))
  await runIn(box, 'bash', '-c', datagrams)
  assert.deepEqual((await dig(box, 'web')).answers, ['web. 600 IN A 10.0.0.2'])
  assert.deepEqual((await dig(box, '+tcp', 'web')).answers, ['web. 600 IN A 10.0.0.2'])
  assert.equal((await dig(box, '+edns=1', '+noednsneg', 'web')).status, 'BADVERS')
  assert.equal((await dig(box, '+opcode=NOTIFY', 'web')).status, 'NOTIMP')
  assert.match(readFileSync(`/proc/${resolver.process.pid}/comm`, 'utf8'), /node/i)
})
