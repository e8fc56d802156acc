import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { dig } from '../support/dig.ts'
import { addresses, startDnsServer } from '../support/dns-server.ts'
import { eventually } from '../support/eventually.ts'
import { kernelTest } from '../support/kernel.ts'
import { networkRequest, openNetworkLab } from '../support/network-lab.ts'

const address = '127.0.0.77'

kernelTest(
  'the host is answered again by a new resolver, and no more once the setting is gone',
  async ({ namespace }) => {
    const config = { hostResolver: address }
    await using lab = await openNetworkLab(namespace, { config })
    await lab.networking.create(networkRequest('net', { ipamConfigs: [{ subnet: '10.8.0.0/24' }] }))
    const web = lab.wish('web', ['net'])
    await lab.networking.openSandbox(web)
    const ask = async () => {
      const answer = await dig(namespace, `@${address}`, '+time=1', 'web.net').catch(() => undefined)
      return answer?.answers[0]?.split(' ').at(-1)
    }
    assert.equal(await ask(), '10.8.0.2')
    // Somebody ends the resolver, which the engine finds out by itself.
    const socket = connect(join(lab.dir, 'resolver.sock'))
    socket.end('{"seq":1,"do":"exit"}\n')
    socket.resume()
    await once(socket, 'close')
    await eventually(ask, '10.8.0.2')
    config.hostResolver = ''
    await lab.restart([web.containerId])
    assert.equal(await ask(), undefined)
  },
)

kernelTest('containers do not ask the resolver of the host, though its resolv.conf names it', async ({ namespace }) => {
  const resolvConf = `nameserver ${address}\nnameserver 127.0.1.1\n`
  await using lab = await openNetworkLab(namespace, { config: { hostResolver: address }, resolvConf })
  await using _ = await startDnsServer(namespace, '127.0.1.1', (query) => addresses(query, 9))
  await lab.networking.create(networkRequest('net'))
  await lab.networking.create(networkRequest('secret'))
  const { sandbox } = await lab.networking.openSandbox(lab.wish('web', ['net']))
  await lab.networking.openSandbox(lab.wish('hidden', ['secret']))
  using inside = NetworkNamespace.at(sandbox.path)
  assert.deepEqual((await dig(inside, 'hidden.secret')).answers, ['hidden.secret. 60 IN A 192.0.2.9'])
  assert.equal((await dig(namespace, `@${address}`, 'hidden.secret')).status, 'NOERROR')
})
