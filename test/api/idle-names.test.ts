import assert from 'node:assert/strict'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { dig } from '../support/dig.ts'
import { engineTest } from '../support/engine-test.ts'

engineTest('a name without an address is answered, and not asked of servers outside', async ({ docker, daemon }) => {
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--network', 'net', '--name', 'asker', 'busybox')
  const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', 'asker')
  using namespace = NetworkNamespace.at(path)
  /** `"NOERROR 0"`: status and number of answers. */
  const ask = async (name: string) => {
    const { status, answers } = await dig(namespace, name, 'A')
    return `${status} ${answers.length}`
  }
  const foreign = await ask('nobody')
  assert.notEqual(foreign, 'NOERROR 0')
  await docker.ok('create', '-i', '--network', 'net', '--network-alias', 'soon', '--name', 'later', 'busybox')
  assert.deepEqual([await ask('later'), await ask('soon'), await ask('later.net')], Array(3).fill('NOERROR 0'))
  await docker.ok('rename', 'later', 'still-later')
  assert.deepEqual([await ask('later'), await ask('still-later')], [foreign, 'NOERROR 0'])
  await daemon.kill9()
  await daemon.start()
  assert.equal(await ask('still-later'), 'NOERROR 0')
  await docker.ok('start', 'still-later')
  assert.equal(await ask('still-later'), 'NOERROR 1')
  await docker.ok('stop', '-t', '0', 'still-later')
  assert.equal(await ask('still-later'), 'NOERROR 0')
  await docker.ok('network', 'disconnect', 'net', 'still-later')
  assert.equal(await ask('still-later'), foreign)
  await docker.ok('network', 'connect', 'net', 'still-later')
  assert.equal(await ask('still-later'), 'NOERROR 0')
  await docker.ok('rm', 'still-later')
  assert.equal(await ask('still-later'), foreign)
  await docker.ok('network', 'create', 'again')
  await docker.ok('create', '-i', '--network', 'again', '--name', 'waits', 'busybox')
  await docker.ok('network', 'connect', 'again', 'asker')
  assert.equal(await ask('waits'), 'NOERROR 0')
  await docker.ok('network', 'disconnect', 'again', 'asker')
  await docker.ok('network', 'rm', 'again')
  await docker.ok('network', 'create', 'again')
  await docker.ok('network', 'connect', 'again', 'asker')
  assert.equal(await ask('waits'), 'NOERROR 0', 'a network that was made again has the names of those who waited')
})
