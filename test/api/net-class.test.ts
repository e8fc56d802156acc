import assert from 'node:assert/strict'
import { NetClasses } from '../../src/kernel/cgroups/net-classes.ts'
import { engineTest } from '../support/engine-test.ts'
import { classesPackets } from '../support/limit-scenes/net-class.ts'

engineTest(
  'packets of a container and of its execs have its class, also after a crash of the daemon',
  async (engine, t) => {
    if (new NetClasses('/').supported) await classesPackets(engine)
    else t.skip('the kernel has no net_cls control groups (CONFIG_CGROUP_NET_CLASSID)')
  },
)

engineTest('a class that is none is refused', async ({ docker }) => {
  for (const word of ['0', '0x100000000', '1:2:3', 'g:1', 'x']) {
    const { code, stderr } = await docker.run(['create', '--security-opt', `net_cls=${word}`, 'busybox'])
    assert.equal(code, 1, stderr)
    assert.match(stderr, /invalid --security-opt: "net_cls=/)
  }
})
