// Virtual machine: vxlan esp4 nft_xfrm
import assert from 'node:assert/strict'
import { clusterTest } from '../../support/cluster-test.ts'
import { eventually } from '../../support/eventually.ts'

/** Everything takes long in an emulated machine. */
const patienceMs = 60_000

clusterTest(
  'an encrypted network of two engines: containers reach each other, the key changes, and nothing is left',
  async ({ engines }) => {
    const [one, two] = engines
    await one!.docker.ok('network', 'create', '-d', 'overlay', '--opt', 'encrypted', '--subnet', '10.1.0.0/24', 'safe')
    const isKnown = async () => (await two!.docker.run(['network', 'inspect', 'safe'])).code
    await eventually(isKnown, 0, patienceMs)
    await one!.docker.ok('run', '-di', '--name', 'c1', '--network', 'safe', 'busybox')
    await two!.docker.ok('run', '-di', '--name', 'c2', '--network', 'safe', '--ip', '10.1.0.20', 'busybox')
    const reach = async () => (await one!.sh('c1', 'ping -c1 -W2 10.1.0.20')).code
    await eventually(reach, 0, patienceMs)
    const spis = async () =>
      (await one!.host.execOk('ip', ['xfrm', 'state']))
        .match(/spi 0x\w+/g)
        ?.toSorted()
        .join() ?? ''
    const before = await spis()
    assert.equal(before.split(',').length, 2)

    const long = one!.docker.run(['exec', 'c1', 'ping', '-q', '-c', '60', '-i', '0.1', '-W', '5', '10.1.0.20'])
    assert.match(await two!.wharf.ok('overlay', 'rotate-key', 'safe'), /the key of safe changes/)
    const isChanged = async () => {
      const now = (await spis()).split(',')
      return now.length === 2 && now.every((spi) => !before.includes(spi))
    }
    await eventually(isChanged, true, patienceMs)
    assert.match((await long).stdout, /60 packets transmitted, 60 packets received/)

    for (const [i, { docker }] of engines.entries()) await docker.ok('rm', '-f', `c${i + 1}`)
    await one!.docker.ok('network', 'rm', 'safe')
    await eventually(spis, '', patienceMs)
  },
  { hosts: 2, timeoutMs: 240_000 },
)
