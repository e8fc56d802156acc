import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Daemon } from '../support/daemon.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { processesOf } from '../support/sweep.ts'
import { fetchFrom, runHelper, serve } from '../support/web.ts'

engineTest('kill -9 with 20 containers: no look-up or fetch fails, and afterwards everything works', async (engine) => {
  const { docker, daemon, host, sh } = engine
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--name', 'web', '--network', 'net', '-p', '10080:80', 'busybox')
  await serve(engine, 'web', 'still-here')
  const names = Array.from({ length: 19 }, (_, index) => `box${index}`)
  await Promise.all(names.map((name) => docker.ok('run', '-di', '--name', name, '--network', 'net', 'busybox')))

  const asker = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'box0')
  await using names_ = await runHelper(asker, lookUpForEver)
  await using fetches = await runHelper(host.namespace.path, fetchForEver)
  await daemon.kill9()
  await rounds(names_, fetches)
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:10080/'), 'still-here', 'the port is open without a daemon')
  await daemon.start()
  await rounds(names_, fetches)

  assert.equal((await docker.ok('ps', '-q')).split('\n').length, 20)
  assert.match(await docker.ok('port', 'web'), /10080/)
  for (const name of names) {
    assert.equal(await docker.ok('inspect', '-f', '{{.State.Running}}', name), 'true')
    assert.equal((await sh(name, 'echo works > /proc/1/fd/1; echo fine')).stdout, 'fine\n')
  }
  {
    await using follower = docker.terminal(['logs', '-f', 'box3'])
    await follower.expect(/works/)
    await sh('box3', 'echo later > /proc/1/fd/1')
    await follower.expect(/later/)
  }
  assert.equal((await sh('box5', 'ping -c 1 -W 2 box6')).code, 0)
  await docker.ok('network', 'disconnect', 'net', 'box7')
  await docker.ok('network', 'connect', 'net', 'box7')
  assert.equal((await sh('box7', 'ping -c 1 -W 2 box6')).code, 0)
  assert.doesNotMatch(names_.output, /failed/) // now: the container that asks is among those that go
  await docker.ok('stop', '-t', '0', ...names.slice(0, 10))
  await docker.ok('rm', '-f', ...names)
  await rounds(fetches)
  assert.doesNotMatch(fetches.output, /failed/)
  assert.deepEqual((await docker.ok('ps', '-a', '--format', '{{.Names}}')).split('\n'), ['web'])
})

engineTest('what ended while the daemon was down is known when it is back', async ({ docker, daemon, host }) => {
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  await docker.ok('run', '-d', '--name', 'back', '--restart', 'always', 'busybox', 'sleep', '1000')
  const [pid, restarted] = (await docker.ok('inspect', '-f', '{{.State.Pid}}', 'box', 'back')).split('\n').map(Number)
  await daemon.kill9()
  process.kill(pid!, 'SIGKILL')
  process.kill(restarted!, 'SIGKILL')
  await daemon.start()
  assert.equal(await docker.ok('wait', 'box'), '137')
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Status}}', 'box'), 'exited')
  await eventually(() => docker.ok('inspect', '-f', '{{.State.Running}}', 'back'), 'true')
  assert.notEqual(Number(await docker.ok('inspect', '-f', '{{.State.Pid}}', 'back')), restarted)
  await eventually(async () => (await host.ip('link', 'show', 'type', 'veth')).length, 1)
})

engineTest('kill -9 in the middle of work leaves nothing that the next start does not mend', async (engine) => {
  const { docker, daemon, host } = engine
  for (let trial = 0; trial < 5; trial++) {
    const work = [
      docker.run(['network', 'create', `net${trial}`]),
      docker.run(['run', '-di', '--name', `a${trial}`, '-p', '10080:80', 'busybox']),
      docker.run(['run', '-di', '--name', `b${trial}`, 'busybox']),
      docker.run(['network', 'create', `other${trial}`]),
    ]
    await Promise.race(work)
    await daemon.kill9()
    await Promise.all(work)
    await daemon.start()
    const running = (await docker.ok('ps', '-q')).split('\n').filter(Boolean)
    await eventually(async () => (await host.ip('link', 'show', 'type', 'veth')).length, running.length)
    const bridges = (await docker.ok('network', 'ls', '-q', '-f', 'driver=bridge')).split('\n').length
    await eventually(async () => (await host.ip('link', 'show', 'type', 'bridge')).length, bridges)
    const all = (await docker.ok('ps', '-aq')).split('\n').filter(Boolean)
    if (all.length > 0) await docker.ok('rm', '-f', ...all)
  }
  await docker.ok('run', '-di', '--name', 'last', '-p', '10080:80', 'busybox')
  await serve(engine, 'last', 'fine')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:10080/'), 'fine')
})

engineTest('a connect, a disconnect and a rename that a kill -9 cut in two are undone or finished', async (engine) => {
  const { docker, daemon, host } = engine
  for (const net of ['one', 'two']) await docker.ok('network', 'create', net)
  await docker.ok('run', '-di', '--name', 'box', '--network', 'one', '--network', 'two', 'busybox')
  await docker.ok('run', '-di', '--name', 'cup', '--network', 'one', 'busybox')
  await daemon.kill9()
  // As if it had been killed before the container's record followed what the network's says already.
  patchContainer(daemon, 'box', (record) => delete record.networks.two)
  patchContainer(daemon, 'cup', (record) => {
    Object.assign(record, { name: 'mug', networks: { ...record.networks, two: {} } })
  })
  await daemon.start()

  const networksOf = (name: string) =>
    docker.ok('inspect', '-f', '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}', name)
  assert.equal(await networksOf('box'), 'one ')
  assert.equal(await networksOf('mug'), 'one ')
  const members = (net: string) => docker.ok('network', 'inspect', '-f', '{{range .Containers}}{{.Name}} {{end}}', net)
  assert.deepEqual((await members('one')).trim().split(' ').sort(), ['box', 'mug'])
  assert.equal(await members('two'), '')
  await eventually(async () => (await host.ip('link', 'show', 'type', 'veth')).length, 2)
  await docker.ok('network', 'connect', 'two', 'mug')
  await docker.ok('network', 'disconnect', 'two', 'mug')
  assert.equal((await engine.sh('box', 'ping -c 1 -W 2 mug')).code, 0)
})

engineTest('a change of published ports that a kill -9 cut in two is brought to its end', async (engine) => {
  const { docker, wharf, daemon, host } = engine
  for (const name of ['more', 'less']) await docker.ok('run', '-di', '--name', name, 'busybox')
  for (const name of ['more', 'less']) await serve(engine, name, name)
  await wharf.ok('port', 'add', 'more', '8080:80', '127.0.0.1:8082-8083:80')
  await daemon.kill9()
  // As if it had been killed in "port add more …" and "port rm less 80", before the container's record followed.
  patchContainer(daemon, 'more', ({ hostConfig }) => Object.assign(hostConfig, { PortBindings: {} }))
  const binding = { HostIp: '', HostPort: '8081' }
  patchContainer(daemon, 'less', ({ hostConfig }) =>
    Object.assign(hostConfig, { PortBindings: { '80/tcp': [binding] } }),
  )
  await daemon.start()

  const bindings = async (name: string) =>
    JSON.parse(await docker.ok('inspect', '-f', '{{json .HostConfig.PortBindings}}', name))
  const both = [
    { HostIp: '', HostPort: '8080' },
    { HostIp: '127.0.0.1', HostPort: '8082-8083' },
  ]
  assert.deepEqual([await bindings('more'), await bindings('less')], [{ '80/tcp': both }, {}])
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'more')
  await wharf.ok('port', 'rm', 'more', '80')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'curl: 7')
  await wharf.ok('port', 'add', 'less', '8080:80')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8080/'), 'less')
})

const gate = mkdtempSync(join(tmpdir(), 'wharf-gate-'))
after(() => rmSync(gate, { recursive: true }))

engineTest(
  'a start that a kill -9 cut in two goes on no more, and the next one is not disturbed by it',
  async ({ docker, daemon }) => {
    const isThere = (name: string) => eventually(async () => existsSync(join(gate, name)), true, 30_000)
    await docker.ok('create', '-i', '--name', 'box', 'busybox')
    const cut = docker.run(['start', 'box'])
    await isThere('begun0')
    await daemon.kill9()
    assert.notEqual((await cut).code, 0)
    await daemon.start()
    const next = docker.run(['start', 'box'])
    await isThere('begun1')
    writeFileSync(join(gate, 'go0'), '')
    await delay(1000) // the old one would make its container now
    writeFileSync(join(gate, 'go1'), '')
    assert.deepEqual([(await next).code, (await next).stderr], [0, ''])
    assert.equal((await docker.run(['exec', 'box', 'true'])).code, 0)
    const supervisors = processesOf(daemon.root).filter(({ command }) => /^\S*conmon /.test(command))
    assert.equal(supervisors.length, 1)
  },
  { config: { runtime: gatedRuntime(gate) } },
)

engineTest('the files of a container whose create a kill -9 cut in two are removed', async ({ docker, daemon }) => {
  const id = await docker.ok('create', '-i', 'busybox')
  await daemon.kill9()
  const containers = join(daemon.root, 'data/containers')
  mkdirSync(join(containers, 'f'.repeat(64)))
  await daemon.start()
  assert.deepEqual(readdirSync(containers), [id])
})

engineTest('SIGTERM leaves containers running, and a second daemon on the same data is refused', async (engine) => {
  const { docker, daemon, host }: Engine = engine
  await docker.ok('run', '-di', '--name', 'box', 'busybox')
  const pid = await docker.ok('inspect', '-f', '{{.State.Pid}}', 'box')
  const words = ['daemon', '--host', `unix://${daemon.root}/x.sock`, '--data-root', `${daemon.root}/data`]
  const main = `${import.meta.dirname}/../../src/main.ts`
  const second = await host.exec(process.execPath, [main, ...words, '--exec-root', `${daemon.root}/run2`])
  assert.equal(second.code, 1)
  assert.match(second.stderr, /data/)

  assert.equal(await daemon.stop(), 0)
  process.kill(Number(pid), 0)
  await daemon.start()
  assert.equal(await docker.ok('inspect', '-f', '{{.State.Pid}} {{.State.Running}}', 'box'), `${pid} true`)
})

/** Waits until each helper has done ten more rounds: until what it saw covers what just happened. */
async function rounds(
  ...helpers: readonly { readonly output: string; readonly child: { stdout: any } }[]
): Promise<void> {
  await Promise.all(
    helpers.map(async (helper) => {
      const count = () => helper.output.split('round').length
      const goal = count() + 10
      while (count() < goal) {
        assert.doesNotMatch(helper.output, /failed/)
        await new Promise((resolve) => helper.child.stdout.once('data', resolve))
      }
    }),
  )
}

/** A runtime whose first `create` tells `begun0` and waits for `go0`, the second `begun1` for `go1`, and so on. */
function gatedRuntime(dir: string): string {
  const path = join(dir, 'runtime')
  const wait = `n=$(ls ${dir} | grep -c begun); touch ${dir}/begun$n; until [ -e ${dir}/go$n ]; do sleep 0.1; done`
  writeFileSync(path, `#!/bin/sh\ncase "$*" in *" create "*) ${wait} ;; esac\nexec crun "$@"\n`, { mode: 0o755 })
  return path
}

/** Changes a container's record while no engine runs. */
function patchContainer({ root }: Daemon, name: string, change: (record: any) => void): void {
  using database = new DatabaseSync(`${root}/data/wharf.db`)
  const rows = database.prepare("SELECT key, value FROM record WHERE collection = 'container'").all()
  const row = rows.find(({ value }) => JSON.parse(String(value)).name === name)!
  const record = JSON.parse(String(row['value']))
  change(record)
  const write = database.prepare("UPDATE record SET value = ? WHERE collection = 'container' AND key = ?")
  write.run(JSON.stringify(record), row['key']!)
}

const lookUpForEver = `
  const dns = require('node:dns').promises
  const resolver = new dns.Resolver({ timeout: 10_000, tries: 1 })
  resolver.setServers(['127.0.0.11'])
  console.log('ready')
  ;(async () => { for (;;) {
    try { await resolver.resolve4('web'); console.log('round') } catch (e) { console.log('failed', e.code) }
    await new Promise((r) => setTimeout(r, 10))
  } })()`

// fetch() refuses port 10080, as browsers do; a connection for each request, so that each is a new one for the kernel.
const fetchForEver = `
  const { get } = require('node:http')
  const { text } = require('node:stream/consumers')
  console.log('ready')
  const again = () => setTimeout(fetch, 10)
  function fetch() {
    get('http://127.0.0.1:10080/', { agent: false, timeout: 10_000 }, async (answer) => {
      const page = await text(answer)
      console.log(page === 'still-here\\n' ? 'round' : 'failed ' + page)
      again()
    }).on('error', (e) => { console.log('failed', e.code); again() }).on('timeout', () => console.log('failed: no answer'))
  }
  fetch()`
