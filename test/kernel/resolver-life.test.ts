import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { DnsCounts } from '../../src/resolver/counts.ts'
import { Forwarder } from '../../src/resolver/forward/forwarder.ts'
import { ReplyCache } from '../../src/resolver/forward/reply-cache.ts'
import { ServerPool } from '../../src/resolver/forward/server-pool.ts'
import { createDatagramBuffer } from '../../src/resolver/forward/upstream-socket.ts'
import { protocolVersion } from '../../src/resolver/protocol.ts'
import { Sandboxes } from '../../src/resolver/sandboxes.ts'
import { NameTable } from '../../src/resolver/serving/names.ts'
import { UdpService } from '../../src/resolver/serving/udp-service.ts'
import { dig, raiseLoopback, runIn } from '../support/dig.ts'
import { kernelTest } from '../support/kernel.ts'
import {
  ResolverClient,
  sandboxSetup,
  spawnResolver,
  startResolver,
  untilServing,
  webEndpoint,
} from '../support/resolver.ts'

/** Exit code, once it has ended. */
async function ended(child: ReturnType<typeof spawn>): Promise<number | string | null> {
  const [code, signal] = await once(child, 'close')
  return code ?? signal
}

kernelTest('resolver says who it is, to several daemons at a time, on a socket of root', async ({ namespace }) => {
  await using resolver = await startResolver(namespace)
  await using other = await ResolverClient.open(resolver.path)
  for (const client of [resolver.client, other]) {
    const { version, pid } = await client.tell({ do: 'hello' })
    assert.equal(version, protocolVersion)
    assert.match(readFileSync(`/proc/${pid}/cmdline`, 'utf8'), /--socket/)
  }
  assert.equal(statSync(resolver.path).mode & 0o777, 0o600)
})

kernelTest('resolver goes on when daemons come and go, and forgets nothing', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await using resolver = await startResolver(namespace)
  {
    await using daemon = await ResolverClient.open(resolver.path)
    await daemon.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
    await daemon.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  }
  await resolver.client[Symbol.asyncDispose]()
  assert.deepEqual((await dig(box, 'web')).answers, ['web. 600 IN A 10.0.0.2'])
})

kernelTest('resolver answers bad lines with errors, and good lines after them', async ({ namespace }) => {
  await using resolver = await startResolver(namespace)
  const socket = connect(resolver.path)
  const lines = createInterface({ input: socket })
  const replies: any[] = []
  const all = Promise.withResolvers<void>()
  lines.on('line', (line) => {
    replies.push(JSON.parse(line))
    if (replies.length === 7) all.resolve()
  })
  socket.write('{"seq":1,"do":"hel')
  socket.write('lo"}\nnonsense\n\n[]\nnull\n{"seq":2,"do":"fly"}\n')
  socket.write('{"seq":3,"do":"put-sandbox","sandbox":{"id":"s"}}\n{"seq":4,"do":"hello"}\n')
  await all.promise
  assert.deepEqual(
    replies.map(({ seq, ok, error }) => [seq, ok?.version ?? error.message.split(':')[0]]),
    [
      [1, protocolVersion],
      [0, 'Unexpected token \'o\', "nonsense" is not valid JSON'],
      [0, 'Cannot read request'],
      [0, 'Cannot read request'],
      [2, 'Cannot read request'],
      [3, 'Cannot read request'],
      [4, protocolVersion],
    ],
  )
  const closed = once(socket, 'close')
  socket.destroy()
  await closed
})

kernelTest('resolver reports what the kernel says about a namespace', async ({ namespace }) => {
  await using resolver = await startResolver(namespace)
  const put = (netnsPath: string) =>
    resolver.client.ask({ do: 'put-sandbox', sandbox: { ...sandboxSetup(namespace), netnsPath } })
  assert.equal((await put('/nowhere')).error.errno, 'ENOENT')
  assert.equal((await put('/etc/hostname')).error.errno, 'EINVAL')
  assert.equal((await put(`/proc/${resolver.process.pid}/ns/net`)).error, undefined)
})

kernelTest('resolver refuses a second one on its socket, and takes over from a dead one', async ({ namespace }) => {
  await using resolver = await startResolver(namespace)
  const second = spawnResolver(resolver.path, namespace)
  const [said, code] = await Promise.all([text(second.stderr!), ended(second)])
  assert.match(said, /^Cannot lock ".*": process \d+ holds it\n$/)
  assert.equal(code, 1)
  assert.equal((await resolver.client.tell({ do: 'hello' })).version, protocolVersion)
  const dead = once(resolver.process, 'exit')
  resolver.process.kill('SIGKILL')
  await dead
  assert.ok(existsSync(resolver.path), 'it had no time to clean up')
  const third = spawnResolver(resolver.path, namespace)
  await untilServing(third)
  third.stderr!.resume()
  const gone = ended(third)
  await using client = await ResolverClient.open(resolver.path)
  await client.tell({ do: 'exit' })
  assert.equal(await gone, 0)
  assert.ok(!existsSync(resolver.path))
  rmSync(`${resolver.path}.lock`)
})

kernelTest('resolver ends when it is told to, with connections and containers open', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await using resolver = await startResolver(namespace)
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  const gone = ended(resolver.process)
  resolver.process.kill('SIGTERM')
  assert.equal(await gone, 0)
  assert.equal((await runIn(box, 'ss', '-Hlntu')).trim(), '')
})

kernelTest('resolver refuses words that make no sense', async ({ namespace }) => {
  const child = spawnResolver('/tmp/never', namespace, '--fast')
  const [said, code] = await Promise.all([text(child.stderr!), ended(child)])
  assert.match(said, /^Cannot start resolver: Unknown option '--fast'/)
  assert.equal(code, 1)
})

kernelTest('resolver tells every question when it is asked to', async ({ namespace }) => {
  using box = NetworkNamespace.create()
  await using resolver = await startResolver(namespace, '--trace')
  await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box) })
  await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
  const line = once(createInterface({ input: resolver.process.stderr! }), 'line')
  await dig(box, 'WEB')
  const [told] = await line
  assert.deepEqual(JSON.parse(told), { trace: 'dns', sandbox: 's1', name: 'web', type: 'A', from: 'own', result: 1 })
})

kernelTest('Sandboxes.sweep() lets go of a namespace that nobody else holds', async ({ namespace }) => {
  await using poller = new Poller()
  const buffer = createDatagramBuffer()
  using hostServers = new ServerPool({ poller, buffer, namespace })
  const forwarder = new Forwarder({ cache: new ReplyCache() })
  const parts = {
    names: new NameTable(),
    poller,
    buffer,
    hostServers,
    forwarder,
    udpService: new UdpService(),
    counts: new DnsCounts(),
  }
  using sandboxes = new Sandboxes(parts)
  const box = NetworkNamespace.create()
  sandboxes.put(sandboxSetup(box))
  using another = NetworkNamespace.at(box.path) // the test's own eyes
  const sockets = async () => (await runIn(another, 'ss', '-Hlntu')).trim().split('\n').filter(Boolean).length
  sandboxes.sweep()
  assert.equal(await sockets(), 2)
  box[Symbol.dispose]()
  sandboxes.sweep()
  assert.equal(await sockets(), 0)
})

kernelTest('resolver asks a dnsmasq across a veth pair from the container', async ({ namespace }, t) => {
  if (!existsSync('/usr/sbin/dnsmasq')) return t.skip('dnsmasq is not installed')
  using box = NetworkNamespace.create()
  using outside = NetworkNamespace.create()
  await raiseLoopback(outside)
  await runIn(box, 'ip', 'link', 'add', 'name', 'a', 'type', 'veth', 'peer', 'name', 'b', 'netns', outside.path)
  for (const [where, device, address] of [
    [box, 'a', '10.7.0.2/24'],
    [outside, 'b', '10.7.0.1/24'],
  ] as const) {
    await runIn(where, 'ip', 'address', 'add', address, 'dev', device)
    await runIn(where, 'ip', 'link', 'set', 'dev', device, 'up')
  }
  const options = [
    '-k',
    '-C/dev/null',
    '-R',
    '-h',
    '-q',
    '--log-facility=-',
    '--user=root',
    '--pid-file=',
    '--host-record=db.example.test,192.0.2.7',
    '--listen-address=10.7.0.1',
  ]
  const server = spawn('nsenter', [`--net=${outside.path}`, 'dnsmasq', ...options], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const gone = ended(server)
  await once(server.stderr, 'data') // "started"
  server.stderr.resume()
  try {
    await using resolver = await startResolver(namespace)
    const upstreams = [{ address: '10.7.0.1', from: 'sandbox' as const }]
    await resolver.client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box, { upstreams }) })
    for (const words of [['db.example.test'], ['+tcp', 'DB.example.test'], ['+noedns', 'db.example.test']]) {
      const { status, answers } = await dig(box, ...words)
      assert.deepEqual([status, answers.length], ['NOERROR', 1])
      assert.match(answers[0]!, /192\.0\.2\.7$/)
    }
    assert.deepEqual((await dig(box, '-x', '192.0.2.7')).answers, ['7.2.0.192.in-addr.arpa. 0 IN PTR db.example.test.'])
    assert.equal((await dig(box, 'nobody.example.test')).status, 'SERVFAIL', 'dnsmasq refuses, having nobody to ask')
  } finally {
    server.kill('SIGTERM')
    await gone
  }
})
