import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttachmentWish, SandboxWish } from '../../src/network/networking.ts'
import { run } from '../support/finished.ts'
import { containerId, port } from '../support/network-lab.ts'
import { type Scene, scene } from '../support/network-scene.ts'
import { fetch, ping, serve } from '../support/network-traffic.ts'

const iccOff = { config: { icc: false } }
const exposed: NonNullable<SandboxWish['exposed']> = [
  { protocol: 'tcp', port: 80 },
  { protocol: 'udp', port: 53 },
]

/** Opens a container that exposes 80/tcp and 53/udp. */
async function exposing(s: Scene, name: string, wish: Partial<AttachmentWish> = {}, ports = [port(8080, 80)]) {
  const view = await s.lab.networking.openSandbox({ ...s.lab.wish(name, [wish], ports), exposed })
  return { path: view.sandbox.path, address: view.endpoints[0]!.ipv4!.split('/')[0]! }
}

/** The members of the set of links, as nft itself prints them. */
async function holes(s: Scene): Promise<readonly string[]> {
  const { stdout } = await run('nsenter', [
    `--net=${s.host.path}`,
    'nft',
    '-j',
    'list',
    'set',
    'inet',
    'wharf',
    'links4',
  ])
  const [, { set }] = JSON.parse(stdout).nftables as [unknown, { set: { elem?: unknown[] } }]
  const textOf = (one: unknown) =>
    JSON.stringify(one)
      .match(/"concat":\[(.*?)\]/)![1]!
      .replaceAll('"', '')
  return (set.elem ?? []).map(textOf).sort()
}

scene(
  'a link on the default network with icc off opens what the other container exposes, one way, and nothing else',
  async (s) => {
    const web = await exposing(s, 'web')
    const app = await s.container('app', [{ links: ['web:w'] }])
    const other = await s.container('other', ['bridge'])
    await using _exposed = await serve(web.path, 80, 'web saw')
    await using _datagrams = await serve(web.path, 53, 'names saw', { protocol: 'udp' })
    await using _closed = await serve(web.path, 81, 'closed saw')
    await using _back = await serve(app.path, 80, 'app saw')
    assert.deepEqual(
      {
        'exposed port': await fetch(app.path, web.address, 80),
        'exposed port of UDP': await fetch(app.path, web.address, 53, 'udp'),
        'port that is not exposed': await fetch(app.path, web.address, 81),
        ping: await ping(app.path, web.address),
        'the other way': await fetch(web.path, app.address, 80),
        'somebody who does not link': await fetch(other.path, web.address, 80),
        'the host': await fetch(s.host.path, web.address, 81),
        'published port': await fetch(s.outside.path, s.host.address, 8080),
      },
      {
        'exposed port': `web saw ${app.address}`,
        'exposed port of UDP': `names saw ${app.address}`,
        'port that is not exposed': 'timeout',
        ping: false,
        'the other way': 'timeout',
        'somebody who does not link': 'timeout',
        'the host': 'closed saw 172.17.0.1',
        'published port': `web saw ${s.outside.address}`,
      },
    )
  },
  iccOff,
)

scene(
  'the hole of a link follows its containers: a new address, a restart of the engine, the end',
  async (s) => {
    const { networking } = s.lab
    await exposing(s, 'web')
    const app = await s.container('app', [{ links: ['web:w'] }])
    await networking.closeSandbox(containerId('web'))
    assert.deepEqual(await holes(s), [], 'nobody gets the address of a container that has gone')
    await s.container('guest', ['bridge'])
    const web = await exposing(s, 'web')
    await using _exposed = await serve(web.path, 80, 'web saw')
    const open = [`${app.address},${web.address},tcp,80`, `${app.address},${web.address},udp,53`]
    assert.deepEqual(await holes(s), open)
    assert.match(readFileSync(join(s.lab.dir, 'container-app', 'hosts'), 'utf8'), lineOf(web.address))
    assert.equal(await fetch(app.path, web.address, 80), `web saw ${app.address}`)
    await s.lab.restart(['web', 'app', 'guest'].map(containerId))
    assert.deepEqual(await holes(s), open)
    assert.equal(await fetch(app.path, web.address, 80), `web saw ${app.address}`)
    await s.lab.networking.closeSandbox(containerId('app'))
    assert.deepEqual(await holes(s), [])
  },
  iccOff,
)

function lineOf(address: string): RegExp {
  return new RegExp(`^${address.replaceAll('.', '\\.')}\tw host-web web$`, 'm')
}

scene('a link on a network of the user is a name, and no hole', async (s) => {
  await s.network('apart', { options: { 'com.docker.network.bridge.enable_icc': 'false' } })
  const web = await exposing(s, 'web', { network: 'apart' }, [])
  const app = await s.container('app', [{ network: 'apart', links: ['web:w'] }])
  await using _exposed = await serve(web.path, 80, 'web saw')
  assert.match(await fetch(app.path, web.address, 80), /timeout|EHOSTUNREACH/)
  assert.deepEqual(await holes(s), [])
})
