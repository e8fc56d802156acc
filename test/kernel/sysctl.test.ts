import assert from 'node:assert/strict'
import { createBridge } from '../../src/kernel/netlink/links.ts'
import { ensureSysctl, readSysctl, writeSysctl } from '../../src/kernel/sysctl.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

kernelTest('writeSysctl() writes in the namespace, and nowhere else', ({ namespace }) => {
  const name = 'net.ipv4.ip_forward'
  const seen = () => runIn(namespace, 'cat', '/proc/sys/net/ipv4/ip_forward').trim()
  writeSysctl(namespace, name, '1')
  assert.deepEqual([readSysctl(namespace, name), seen()], ['1', '1'])
  writeSysctl(namespace, name, '0')
  assert.deepEqual([readSysctl(namespace, name), seen()], ['0', '0'])
})

kernelTest('ensureSysctl() says whether it changed something', ({ namespace }) => {
  const range = 'net.ipv4.ip_local_port_range'
  const changes = [
    ensureSysctl(namespace, range, '40000 50000'),
    ensureSysctl(namespace, range, '40000\t50000'),
    ensureSysctl(namespace, 'net/ipv4/ip_unprivileged_port_start', '0'),
    ensureSysctl(namespace, 'net/ipv4/ip_unprivileged_port_start', '0'),
  ]
  assert.deepEqual(changes, [true, false, true, false])
  assert.equal(readSysctl(namespace, range), '40000\t50000')
})

kernelTest('sysctl names may hold the dot of an interface', ({ namespace, netlink }) => {
  createBridge(netlink, { name: 'eth0.5' })
  for (const [i, name] of ['net.ipv4.conf.eth0/5.rp_filter', 'net/ipv4/conf/eth0.5/rp_filter'].entries()) {
    writeSysctl(namespace, name, `${i + 1}`)
    assert.equal(runIn(namespace, 'cat', '/proc/sys/net/ipv4/conf/eth0.5/rp_filter').trim(), `${i + 1}`)
  }
})

kernelTest('sysctls that are not there, or not of the network, are told apart', ({ namespace }) => {
  assert.equal(readSysctl(namespace, 'net.ipv4.no_such_thing'), undefined)
  assert.throws(() => writeSysctl(namespace, 'net.ipv4.no_such_thing', '1'), { errno: 'ENOENT', kind: 'not-found' })
  assert.throws(() => writeSysctl(namespace, 'net.ipv4.ip_forward', 'x'), { errno: 'EINVAL' })
  for (const name of ['kernel.hostname', 'net', 'net/../kernel/hostname', 'net//x', '', 'net.ipv4.'])
    assert.throws(() => readSysctl(namespace, name), { kind: 'invalid-argument' }, name)
})
