import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cniContainer, cniWish, expectedAddresses, validAttachments } from './cni-wish.ts'

const call = {
  Command: 'ADD',
  ContainerID: 'pod',
  NetNS: '/run/netns/pod',
  IfName: 'eth0',
  Args: 'IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;IP=10.0.0.7/24;MAC=02:00:00:00:00:01',
  Config: {
    name: 'pods',
    network: 'lan',
    runtimeConfig: {
      portMappings: [
        { hostPort: 8080, containerPort: 80, protocol: 'TCP', hostIP: '127.0.0.1' },
        { containerPort: 81 },
      ],
      aliases: { pods: ['db'] },
    },
  },
}

test('cniWish() reads environment and configuration', () => {
  assert.deepEqual(cniWish(call), {
    network: 'lan',
    owner: 'pods',
    containerId: 'pod',
    namespacePath: '/run/netns/pod',
    interfaceName: 'eth0',
    name: 'web',
    aliases: ['web.shop', 'db'],
    ports: [{ protocol: 'tcp', containerPort: 80, hostAddress: '127.0.0.1', hostPorts: { from: 8080, to: 8080 } }],
    ipv4: '10.0.0.7',
    mac: '02:00:00:00:00:01',
  })
})

test('cniWish() prefers what the runtime says over CNI_ARGS', () => {
  const Config = { name: 'pods', runtimeConfig: { ips: ['10.0.0.9/24', 'fd00::9/64'], mac: '02:00:00:00:00:02' } }
  const { ipv4, ipv6, mac, network } = cniWish({ ...call, Config })
  assert.deepEqual([ipv4, ipv6, mac, network], ['10.0.0.9', 'fd00::9', '02:00:00:00:00:02', 'pods'])
})

test('cniWish() and its kin refuse what has the wrong shape', () => {
  const refused = (config: Readonly<Record<string, unknown>>) => () =>
    cniWish({ ...call, Config: { name: 'a', ...config } })
  assert.throws(refused({ runtimeConfig: { portMappings: [{ hostPort: 99_999 }] } }), /99999 is no port/)
  assert.throws(refused({ runtimeConfig: { portMappings: 7 } }), /"portMappings" is not a list/)
  assert.throws(refused({ runtimeConfig: [] }), /"runtimeConfig" is not an object/)
  assert.throws(() => cniWish({ ...call, NetNS: '' }), /CNI_NETNS is missing/)
  assert.throws(() => cniWish({ ...call, Args: 'FOO' }), /CNI_ARGS "FOO" is no pair/)
  for (const ContainerID of ['', '../x', '-a', 'a b', 'a'.repeat(256)]) {
    assert.throws(() => cniContainer({ ...call, ContainerID }), /CNI_CONTAINERID .* is not allowed/)
  }
  assert.throws(() => validAttachments(call), /"cni\.dev\/valid-attachments" is not a list/)
})

test('expectedAddresses() are those of the container’s own interface', () => {
  const prevResult = {
    interfaces: [{ name: 'eth0' }, { name: 'eth0', sandbox: '/run/netns/pod' }],
    ips: [
      { address: '10.0.0.1/24', interface: 0 },
      { address: '10.0.0.7/24', interface: 1 },
    ],
  }
  assert.deepEqual(expectedAddresses({ ...call, Config: { prevResult } }, 'eth0'), ['10.0.0.7/24'])
  assert.deepEqual(expectedAddresses(call, 'eth0'), [])
})
