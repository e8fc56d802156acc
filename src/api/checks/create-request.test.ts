import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerCreateBody, HostConfig } from '../../protocol/container.ts'
import { createRequest } from './create-request.ts'

/** What a body is answered with. */
function refusal(body: ContainerCreateBody, version = '1.51'): string {
  try {
    createRequest({ Image: 'x', ...body }, '', version)
    return 'accepted'
  } catch (error) {
    return (error as Error).message
  }
}

test("createRequest() refuses what a shared network excludes, in Docker's words", () => {
  const joined = (body: ContainerCreateBody, host: HostConfig = {}) =>
    refusal({ ...body, HostConfig: { NetworkMode: 'container:a', ...host } })
  assert.deepEqual(
    [
      refusal({ HostConfig: { NetworkMode: 'container:' } }),
      joined({ Hostname: 'h' }),
      joined({}, { Links: ['a'] }),
      joined({}, { Dns: ['1.1.1.1'] }),
      joined({}, { ExtraHosts: ['a:1.1.1.1'] }),
      joined({}, { PublishAllPorts: true }),
      joined({}, { PortBindings: { '80/tcp': [] } }),
      joined({ ExposedPorts: { '80/tcp': {} } }),
      joined({}),
      refusal({ HostConfig: { NetworkMode: 'host', Links: ['a'] } }),
      refusal({ Hostname: 'h', HostConfig: { UTSMode: 'host' } }),
      refusal({ Hostname: 'h', HostConfig: { NetworkMode: 'host' } }),
    ],
    [
      'invalid network mode: invalid container format container:<name|id>',
      'conflicting options: hostname and the network mode',
      "conflicting options: container type network can't be used with links. This would result in undefined behavior",
      'conflicting options: dns and the network mode',
      'conflicting options: custom host-to-IP mapping and the network mode',
      'conflicting options: port publishing and the container type network mode',
      'conflicting options: port publishing and the container type network mode',
      'conflicting options: port exposing and the container type network mode',
      'accepted',
      "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
      'conflicting options: hostname and the UTS mode',
      'accepted',
    ],
  )
})

test('createRequest() refuses values that no container can have', () => {
  const host = (HostConfig: HostConfig) => refusal({ HostConfig })
  assert.deepEqual(
    [
      refusal({ WorkingDir: 'a' }),
      refusal({ Env: ['=a'] }),
      host({ ExtraHosts: ['a'] }),
      host({ ExtraHosts: ['a:b'] }),
      host({ ExtraHosts: ['a:::1', 'b:host-gateway', 'c:[::1]'] }),
      host({ RestartPolicy: { Name: 'often' as 'always' } }),
      host({ RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } }),
      host({ RestartPolicy: { Name: 'on-failure', MaximumRetryCount: -1 } }),
      host({ OomScoreAdj: 2000 }),
    ],
    [
      "the working directory 'a' is invalid, it needs to be an absolute path",
      'invalid environment variable: =a',
      'bad format for add-host: "a"',
      'invalid IP address in add-host: "b"',
      'accepted',
      "invalid restart policy: unknown policy 'often'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'",
      "invalid restart policy: maximum retry count can only be used with 'on-failure'",
      'invalid restart policy: maximum retry count cannot be negative',
      'Invalid value 2000, range for oom score adj is [-1000, 1000]',
    ],
  )
})

test('createRequest() moves the container-wide MAC address to its network, by version', () => {
  const body = { Image: 'x', MacAddress: '02:42:00:00:00:01', NetworkingConfig: { EndpointsConfig: { default: {} } } }
  const young = createRequest(body, '', '1.51')
  assert.deepEqual(young.request.endpoints, { default: { MacAddress: '02:42:00:00:00:01' } })
  assert.equal(young.warnings.length, 1)
  assert.deepEqual(createRequest(body, '', '1.43').warnings, [])
  const two = { NetworkingConfig: { EndpointsConfig: { a: {}, b: {} } } }
  assert.equal(refusal(two, '1.43'), 'Container cannot be created with multiple network endpoints: a, b')
  assert.equal(refusal(two, '1.44'), 'accepted')
  const nil = { NetworkingConfig: { EndpointsConfig: { default: null } } }
  assert.equal(refusal(nil), 'invalid config for network bridge: EndpointsConfig is nil')
})

test('createRequest() refuses name servers that are no addresses, and what would be another line of a file', () => {
  assert.equal(refusal({ HostConfig: { Dns: ['1.1.1.1', 'fe80::1%eth0', '::1'] } }), 'accepted')
  assert.equal(
    refusal({ HostConfig: { Dns: ['1.1.1.1:53'] } }),
    'bad nameserver address 1.1.1.1:53: ParseAddr("1.1.1.1:53"): unable to parse IP',
  )
  const twoLines = ' "a\\nb": it has more than one line'
  assert.equal(refusal({ HostConfig: { DnsSearch: ['a\nb'] } }), `invalid DnsSearch${twoLines}`)
  assert.equal(refusal({ HostConfig: { DnsOptions: ['a\nb'] } }), `invalid DnsOptions${twoLines}`)
  assert.equal(refusal({ Hostname: 'a\nb' }), `invalid Hostname${twoLines}`)
})

test('createRequest() refuses ports and addresses that are none', () => {
  const exposed = (key: string) => refusal({ ExposedPorts: { [key]: {} } })
  const bound = (key: string, HostPort = '', HostIp = '') =>
    refusal({ HostConfig: { PortBindings: { [key]: [{ HostPort, HostIp }] } } })
  assert.deepEqual(
    [
      ...['nothing', '0/tcp', '80/icmp', '70000', '9-8/tcp', '8-9/udp', '80'].map(exposed),
      ...[bound('8-9/tcp'), bound('80/tcp', 'x'), bound('80/tcp', '0'), bound('80/tcp', '8000-8010', '[::1]')],
      ...[bound('80/tcp', '', '1.2.3'), bound('80/tcp', '', 'fe80::1%eth0')],
    ],
    [
      'invalid port specification: "nothing"',
      'invalid port specification: "0/tcp"',
      'invalid port specification: "80/icmp"',
      'invalid port specification: "70000"',
      'invalid port specification: "9-8/tcp"',
      'accepted',
      'accepted',
      'invalid port specification: "8-9/tcp"',
      'invalid port specification: "x"',
      'accepted',
      'accepted',
      'invalid IP address in port binding: "1.2.3"',
      'invalid IP address in port binding: "fe80::1%eth0"',
    ],
  )
})

test('createRequest() means by a body what clients of its version mean', () => {
  const body = { Image: 'busybox', Healthcheck: { Test: ['CMD', 'true'], StartInterval: 1e9 } }
  const of = (version: string) => {
    const { config, hostConfig } = createRequest(body, '', version).request
    return [config.Healthcheck?.StartInterval, hostConfig.IpcMode]
  }
  assert.deepEqual(
    [of('1.39'), of('1.41'), of('1.51')],
    [
      [0, 'shareable'],
      [0, undefined],
      [1e9, undefined],
    ],
  )
})
