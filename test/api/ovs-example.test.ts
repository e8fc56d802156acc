import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { type Engine, withEngine } from '../support/engine-test.ts'
import { createHost, type Host } from '../support/host.ts'
import { type OpenVSwitch, startOpenVSwitch } from '../support/ovs.ts'

const skip = getuid?.() === 0 ? false : 'needs root'
const program = join(import.meta.dirname, '../../examples/ovs/ovs-driver.py')

/** The example as its README says to start it. */
async function startDriver(host: Host, directory: string, { database }: OpenVSwitch): Promise<AsyncDisposable> {
  const env = { ...process.env, OVS_DB: database, PYTHONDONTWRITEBYTECODE: '1' }
  const words = host.enter('python3', program, join(directory, 'ovs.sock'))
  const child: ChildProcess = spawn(...words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout!, 'data')
  child.stdout!.resume()
  return {
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

function ovsTest(name: string, body: (engine: Engine, ovs: OpenVSwitch) => Promise<void>): void {
  test(name, { skip, timeout: 120_000 }, async () => {
    using host = createHost()
    await using ovs = await startOpenVSwitch(host)
    const directory = mkdtempSync(join(tmpdir(), 'wharf-plugin-'))
    using _ = { [Symbol.dispose]: () => rmSync(directory, { recursive: true }) }
    await using _driver = await startDriver(host, directory, ovs)
    await withEngine(host, { config: { 'plugin-dir': directory } }, (engine) => body(engine, ovs))
  })
}

const ports = async (ovs: OpenVSwitch) => (await ovs.vsctl('show')).match(/Port ov[0-9a-f]{10}/g) ?? []

ovsTest(
  'the OVS example: containers talk through Open vSwitch, which lists their ports, and all goes with them',
  async (engine, ovs) => {
    const { docker, host, sh } = engine
    await docker.ok('network', 'create', '-d', 'ovs', '-o', 'datapath=netdev', '--subnet', '10.88.0.0/24', 'switched')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'switched', 'busybox')
    await docker.ok('run', '-di', '--name', 'two', '--network', 'switched', 'busybox')
    assert.match(await ovs.vsctl('show'), /Bridge ovs-[0-9a-f]{10}\n\s+datapath_type: netdev/)
    assert.equal((await ports(ovs)).length, 2)
    assert.match((await sh('one', 'ping -c1 -W3 two')).stdout, / 0% packet loss/)
    assert.match((await sh('one', 'ping -c1 -W3 10.88.0.1')).stdout, / 0% packet loss/, 'the host is the gateway')
    await docker.ok('exec', '-d', 'two', 'sh', '-c', 'echo hello | nc -l -p 8080')
    assert.equal(
      (await sh('one', 'for i in $(seq 100); do nc -w 3 two 8080 && break; sleep 0.2; done')).stdout,
      'hello\n',
    )
    await docker.ok('rm', '-f', 'one')
    assert.equal((await ports(ovs)).length, 1)
    await docker.ok('rm', '-f', 'two')
    await docker.ok('network', 'rm', 'switched')
    assert.doesNotMatch(await ovs.vsctl('show'), /Bridge|Port/)
    const left: { ifname: string }[] = await host.ip('link')
    assert.deepEqual(
      left.filter(({ ifname }) => /^o[vc]/.test(ifname) && ifname !== 'ovs-netdev'),
      [],
    )
  },
)
