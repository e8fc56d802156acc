import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointOptionProblems } from './endpoint-options.ts'

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
