import assert from 'node:assert/strict'
import { PassThrough, type Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import type Docker from 'dockerode'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

/** Both streams of what Docker multiplexes, read to their end. */
async function apart(api: Docker, stream: Readable): Promise<{ stdout: string; stderr: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()]
  api.modem.demuxStream(stream, stdout, stderr)
  stream.once('end', () => {
    stdout.end()
    stderr.end()
  })
  return { stdout: await text(stdout), stderr: await text(stderr) }
}

engineTest('dockerode: create, start, exec, logs, attach, pause, stop, remove', async ({ api }) => {
  assert.equal(String(await api.ping()), 'OK')
  const container = await api.createContainer({
    name: 'box',
    Image: 'busybox',
    Cmd: ['sh', '-c', 'echo out; echo err >&2; while read -r line; do echo "got $line"; done'],
    OpenStdin: true,
    Labels: { purpose: 'test' },
  })
  const attached = await container.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true })
  const session = apart(api, attached)
  await container.start()
  attached.write('a line\n')
  const follower = await container.logs({ follow: true, stdout: true, stderr: true })
  const followed = apart(api, follower)

  const exec = await container.exec({
    Cmd: ['sh', '-c', 'cat; echo $X >&2; exit 4'],
    Env: ['X=y'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  })
  const stream = await exec.start({ hijack: true, stdin: true })
  const said = apart(api, stream)
  stream.end('through\n')
  assert.deepEqual(await said, { stdout: 'through\n', stderr: 'y\n' })
  assert.partialDeepStrictEqual(await exec.inspect(), { Running: false, ExitCode: 4 })

  const listed = await api.listContainers({ filters: { label: ['purpose=test'] } })
  assert.deepEqual(
    listed.map(({ Names, State }) => [Names, State]),
    [[['/box'], 'running']],
  )
  await eventually(async () => /got a line/.test(String(await container.logs({ stdout: true }))), true)
  await container.pause()
  assert.equal((await container.inspect()).State.Status, 'paused')
  await container.unpause()
  const waiting = container.wait()
  await container.stop({ t: 0 })
  assert.equal((await waiting).StatusCode, 137)
  for (const got of [await session, await followed])
    assert.deepEqual(got, { stdout: 'out\ngot a line\n', stderr: 'err\n' })
  await container.remove({ v: true })
  await assert.rejects(container.inspect(), { statusCode: 404 })
})

engineTest('dockerode: networks with aliases, events, and errors with their status', async ({ api }) => {
  const events = await api.getEvents({ filters: { type: ['network'] } })
  const names: string[] = []
  events.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) names.push(JSON.parse(line).Action)
  })
  const network = await api.createNetwork({ Name: 'net', Labels: { a: 'b' } })
  const server = await api.createContainer({
    ...{ name: 'server', Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: 'net' } },
    NetworkingConfig: { EndpointsConfig: { net: { Aliases: ['www', 'web'] } } },
  })
  await server.start()
  const client = await api.createContainer({ name: 'client', Image: 'busybox', Cmd: ['ping', '-c', '1', 'web'] })
  await network.connect({ Container: client.id, EndpointConfig: { Aliases: ['other'] } })
  await client.start()
  assert.equal((await client.wait()).StatusCode, 0)
  assert.deepEqual((await server.inspect()).NetworkSettings.Networks.net.Aliases, ['www', 'web'])
  await assert.rejects(network.remove(), { statusCode: 403 })
  await assert.rejects(api.createNetwork({ Name: 'net' }), { statusCode: 409 })
  await assert.rejects(api.createContainer({ Image: 'nothing' }), { statusCode: 404 })
  await network.disconnect({ Container: client.id })
  for (const container of [server, client]) await container.remove({ force: true })
  await network.remove()
  await eventually(
    async () => names.slice(0, 2).concat(names.slice(-2)),
    ['create', 'connect', 'disconnect', 'destroy'],
  )
  ;(events as Readable).destroy()
})
