import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointLabels, endpointOptionProblems, isIPv6Off } from './endpoint-options.ts'

const sysctls = (value: string) => endpointOptionProblems({ 'com.docker.network.endpoint.sysctls': value })

test('endpointOptionProblems() finds none where there is none', () => {
  assert.deepEqual(endpointOptionProblems({ other: 'x' }), [])
  assert.deepEqual(sysctls('net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.ifname.accept_ra=2'), [])
  assert.deepEqual(endpointOptionProblems({ 'com.docker.network.endpoint.ifname': 'wan' }), [])
})

test('endpointOptionProblems() has Docker’s words for sysctls that are none of an interface', () => {
  const form = "'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'"
  for (const sysctl of ['net.ipv4.conf.eth0.forwarding=1', 'net.core.somaxconn=1', 'net.ipx.conf.IFNAME.a=1', 'x']) {
    const [problem] = sysctls(sysctl)
    assert.equal(problem, `unrecognised network interface sysctl '${sysctl}'; represent ${form}`)
  }
  assert.match(sysctls('net.ipv4.conf.IFNAME/../all.forwarding=1')[0] ?? '', /^unrecognised/)
  assert.deepEqual(sysctls('net.ipv4.conf.IFNAME.forwarding'), [
    "expected sysctl 'net.ipv4.conf.IFNAME.forwarding' to have format name=value",
  ])
})

test('endpointOptionProblems() refuses names that no interface can have', () => {
  for (const name of ['', 'lo', 'a/b', 'name-of-16-bytes']) {
    const [problem] = endpointOptionProblems({ 'com.docker.network.endpoint.ifname': name })
    assert.match(problem ?? '', /^invalid interface name /)
  }
})

test('isIPv6Off() hears of the whole container, of one interface, and of its place on the network', () => {
  const sysctl = (name: string, value = '1') => ({ [`net.ipv6.conf.${name}.disable_ipv6`]: value })
  const option = { [endpointLabels.sysctls]: 'net.ipv4.conf.IFNAME.log_martians=1,net.ipv6.conf.IFNAME.disable_ipv6=1' }
  assert.equal(isIPv6Off({}, {}, 'eth0'), false)
  for (const name of ['all', 'default', 'eth0']) assert.equal(isIPv6Off(sysctl(name), {}, 'eth0'), true, name)
  assert.equal(isIPv6Off({ 'net/ipv6/conf/all/disable_ipv6': '1' }, {}, 'eth0'), true)
  assert.equal(isIPv6Off(sysctl('all', '0'), {}, 'eth0'), false)
  assert.equal(isIPv6Off(sysctl('eth1'), {}, 'eth0'), false)
  assert.equal(isIPv6Off({}, option, 'eth0'), true)
})
