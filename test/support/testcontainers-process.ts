import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { GenericContainer, Network, type StartedNetwork, Wait } from 'testcontainers'

/**
 * What a user of Testcontainers does, as a program of its own: it reaches published ports at the address of the engine's host, so
 * it has to live in that network namespace. Ends with 0 when all was as it should be.
 */
const image = 'busybox:latest'
const page = 'sh -c "mkdir -p /www; cp /greeting /www/index.html; echo now serving >&2; exec httpd -f -p 8080 -h /www"'

async function web(network: StartedNetwork): Promise<void> {
  await using container = await new GenericContainer(image)
    .withCommand(['sh', '-c', page])
    .withCopyContentToContainer([{ content: 'hello', target: '/greeting' }])
    .withExposedPorts(8080)
    .withNetwork(network)
    .withNetworkAliases('page', 'www')
    .withEnvironment({ GREETING: 'hi' })
    .withLabels({ purpose: 'test' })
    .withWaitStrategy(Wait.forAll([Wait.forHttp('/', 8080).forStatusCode(200), Wait.forListeningPorts()]))
    .start()
  const at = `http://${container.getHost()}:${container.getMappedPort(8080)}/`
  assert.equal(await (await fetch(at)).text(), 'hello')
  assert.ok(container.getNetworkNames().includes(network.getName()))

  const echoed = await container.exec(['sh', '-c', 'echo $GREETING; echo wrong >&2; exit 3'])
  assert.deepEqual([echoed.exitCode, echoed.stdout, echoed.stderr], [3, 'hi\n', 'wrong\n'])
  await container.copyContentToContainer([{ content: 'second', target: '/www/second' }])
  assert.equal(await (await fetch(`${at}second`)).text(), 'second')
  assert.match(await text(await container.copyArchiveFromContainer('/www/second')), /second/)

  await using client = await new GenericContainer(image)
    .withCommand(['sh', '-c', 'wget -qO- http://page:8080/ && echo got it; exec sleep 1000'])
    .withNetwork(network)
    .withWaitStrategy(Wait.forLogMessage('got it'))
    .start()
  assert.equal(client.getIpAddress(network.getName()) === '', false)
}

async function health(): Promise<void> {
  await using container = await new GenericContainer(image)
    .withCommand(['sh', '-c', 'sleep 0.5; touch /tmp/ready; exec sleep 1000'])
    .withHealthCheck({
      test: ['CMD-SHELL', 'test -e /tmp/ready'],
      interval: 200,
      timeout: 1000,
      retries: 100,
      startPeriod: 0,
    })
    .withWaitStrategy(Wait.forHealthCheck())
    .start()
  assert.equal((await container.exec(['test', '-e', '/tmp/ready'])).exitCode, 0)
}

async function logs(): Promise<void> {
  const lines: string[] = []
  await using container = await new GenericContainer(image)
    .withCommand(['sh', '-c', 'echo one; echo two; exec sleep 1000'])
    .withLogConsumer((stream) => stream.on('data', (line: Buffer) => lines.push(line.toString().trim())))
    .withWaitStrategy(Wait.forLogMessage(/two/))
    .withTmpFs({ '/scratch': 'rw' })
    .start()
  const stream = await container.logs()
  if (!lines.includes('two')) await once(stream, 'data')
  await container.restart({ timeout: 0 })
  assert.equal((await container.exec('echo again')).output, 'again\n')
}

async function failing(): Promise<void> {
  const ends = new GenericContainer(image)
    .withCommand(['false'])
    .withWaitStrategy(Wait.forLogMessage('never'))
    .withStartupTimeout(20_000)
  await assert.rejects(ends.start(), /never|exited|not received/i)
  await using once_ = await new GenericContainer(image)
    .withCommand(['true'])
    .withWaitStrategy(Wait.forOneShotStartup())
    .start()
  assert.notEqual(once_.getId(), '')
}

// Testcontainers lets nobody wait for its log streams: without this, the program may end while it waits for a line.
const alive = setInterval(() => {}, 1000)
{
  await using network = await new Network().start()
  await web(network)
}
await health()
await logs()
await failing()
clearInterval(alive)
