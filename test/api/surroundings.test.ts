import assert from 'node:assert/strict'
import { closeSync } from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { bindSocket, openSocket } from '../../src/kernel/sockets/sockets.ts'
import { startDaemon } from '../support/daemon.ts'
import { dig } from '../support/dig.ts'
import { type Engine, engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'

const main = join(import.meta.dirname, '../../src/main.ts')

const noRoot = getuid?.() === 0 ? false : 'needs root'

/** Gives the host a way out. */
async function giveUplink({ host }: Engine, mtu: number): Promise<void> {
  await host.execOk('ip', ['tuntap', 'add', 'up0', 'mode', 'tap'])
  await host.execOk('ip', ['link', 'set', 'up0', 'mtu', String(mtu), 'up'])
  await host.execOk('ip', ['address', 'add', '192.0.2.1/24', 'dev', 'up0'])
  await host.execOk('ip', ['route', 'add', 'default', 'via', '192.0.2.254'])
}

engineTest(
  'docker events and wharf doctor tell of an mtu that changed, and of a VPN that hides a network',
  async (engine) => {
    const { docker, wharf, host, daemon } = engine
    await docker.ok('network', 'create', '--subnet', '10.8.0.0/24', 'net')
    await docker.ok('run', '-di', '--name', 'box', '--network', 'net', 'busybox')
    const format = '{{.Type}} {{.Action}} {{json .Actor.Attributes}}'
    await using events = docker.terminal(['events', '--since', '1', '--filter', 'network=net', '--format', format])

    await giveUplink(engine, 1400)
    await events.expect(/network mtu \{"name":"net","new":"1400","old":"1500","type":"bridge","uplink":"1400"\}/)
    assert.match((await engine.sh('box', 'ip link show eth0')).stdout, /mtu 1400 /)
    const mtu = '{{index .Options "com.docker.network.driver.mtu"}}'
    await eventually(() => docker.ok('network', 'inspect', '-f', mtu, 'bridge'), '1400')

    await host.execOk('ip', ['route', 'add', '10.8.0.0/25', 'dev', 'up0'])
    await events.expect(/network shadowed \{"device":"up0","name":"net","route":"10.8.0.0\/25","subnet":"10.8.0.0\/24"/)
    assert.match(
      (await wharf.run(['doctor'])).stdout,
      /10\.8\.0\.0\/25 by up0 \(table 254\) hides 10\.8\.0\.0\/24 of network net/,
    )
    await host.execOk('ip', ['route', 'delete', '10.8.0.0/25'])
    await events.expect(/network cleared \{"device":"up0"/)
    assert.doesNotMatch((await wharf.run(['doctor'])).stdout, /hides 10\.8/)
    assert.match(daemon.log, /follows the mtu of the uplink/)
    assert.match(daemon.log, /sees a route that takes packets away from a network/)
  },
)

engineTest(
  'the host finds containers by name with host-resolver, also while no daemon runs',
  async ({ docker, host, daemon }) => {
    const ask = async (...words: string[]) => {
      const { status, answers } = await dig(host.namespace, '@127.0.0.77', '-p', '5353', ...words)
      return [status, ...answers.map((line) => line.split(' ').at(-1))]
    }
    await docker.ok('network', 'create', '--subnet', '10.8.0.0/24', 'net')
    await docker.ok('network', 'create', '--subnet', '10.9.0.0/24', 'other')
    await docker.ok('create', '--name', 'idle', '--network', 'net', 'busybox')
    await docker.ok('run', '-di', '--name', 'web', '--network', 'net', '--network-alias', 'www', 'busybox')
    const expected = async () => {
      assert.deepEqual(await ask('web.net'), ['NOERROR', '10.8.0.2'])
      assert.deepEqual(await ask('+tcp', 'www'), ['NOERROR', '10.8.0.2'])
      assert.deepEqual(await ask('-x', '10.8.0.2'), ['NOERROR', 'web.net.'])
      assert.deepEqual(await ask('idle'), ['NOERROR'])
      assert.deepEqual(await ask('web.other'), ['REFUSED'])
    }
    await expected()
    await docker.ok('network', 'connect', 'other', 'web')
    assert.deepEqual(await ask('web.other'), ['NOERROR', '10.9.0.2'])
    await docker.ok('network', 'disconnect', 'other', 'web')
    await daemon.kill9()
    await expected()
    await daemon.start()
    await expected()
    await docker.ok('rm', '-f', 'web')
    await eventually(() => ask('web'), ['REFUSED'])
  },
  { flags: ['--host-resolver', '127.0.0.77:5353'] },
)

engineTest('a host-resolver that cannot be is refused at the start, with what to do', async ({ host, daemon }) => {
  const start = async (...words: string[]) => {
    const places = ['--data-root', join(daemon.root, 'd2'), '--exec-root', join(daemon.root, 'r2')]
    const { code, stderr } = await host.exec(process.execPath, [main, 'daemon', ...places, ...words])
    assert.equal(code, 1)
    return stderr.trim().split('\n').at(-1) ?? ''
  }
  assert.equal(
    await start('--host-resolver', 'here'),
    'wharf daemon: invalid argument "here" for "--host-resolver" flag: not an address, or ADDRESS:PORT',
  )
  assert.equal(
    await start('--host-resolver', '192.0.2.1'),
    'wharf daemon: Cannot use host-resolver "192.0.2.1": other machines may reach it; take one of 127.0.0.0/8, or set host-resolver-exposed',
  )
  assert.equal(
    await start('--host-resolver', '0.0.0.0', '--host-resolver-exposed'),
    'wharf daemon: Cannot use host-resolver "0.0.0.0": it must be one address',
  )
})

test('a host-resolver whose port somebody has ends the start, and names the way out', { skip: noRoot }, async () => {
  using host = createHost()
  const fd = host.namespace.run(() => {
    const udp = openSocket('udp', '127.0.0.77')
    bindSocket(udp, '127.0.0.77', 53)
    return udp
  })
  await assert.rejects(
    startDaemon({ host, flags: ['--host-resolver', '127.0.0.77'] }),
    /Cannot answer the host's own programs on 127\.0\.0\.77: another program has that port .*; give host-resolver another/,
  )
  closeSync(fd)
})
