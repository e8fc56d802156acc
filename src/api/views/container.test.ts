import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeContainer } from '../../../test/support/api/fake-records.ts'
import type { EndpointRecord, SandboxRecord } from '../../network/model.ts'
import type { SandboxView } from '../../network/networking.ts'
import { commandText } from './command-text.ts'
import { endpointViews } from './container-endpoints.ts'
import { containerInspect } from './container-inspect.ts'
import { containerSummary } from './container-summary.ts'
import { hostConfigView } from './host-config.ts'
import { mountPoints } from './mounts.ts'

const record = fakeContainer('c1', 'web', {
  config: {
    Image: 'busybox',
    Entrypoint: ['sh'],
    Cmd: ['-c', 'sleep 1'],
    ExposedPorts: { '80/tcp': {}, '90/udp': {} },
  },
  hostConfig: { NetworkMode: 'bridge', Binds: ['/src:/dst:ro'] },
  networks: { bridge: {}, net: { Aliases: ['w'], IPAMConfig: { IPv4Address: '10.0.0.9' } } },
})

const endpoint: EndpointRecord = {
  version: 1,
  id: 'e1',
  networkId: 'n1',
  networkName: 'bridge',
  containerId: record.id,
  containerName: 'web',
  interfaceName: 'eth0',
  mac: '02:42:ac:11:00:02',
  ipv4: '172.17.0.2/16',
  ipv6: 'fd00::2/64',
  gateway: '172.17.0.1',
  gateway6: 'fd00::1',
  dnsNames: [],
  aliases: [],
  links: [],
  driverOptions: {},
  gatewayPriority: 0,
}

const ports = [{ protocol: 'tcp', containerPort: 80, hostAddress: '0.0.0.0', hostPort: 8080 }] as const
// The views never look at the wish.
const sandbox = { id: 's1', path: '/run/wharf/netns/s1', ports } as unknown as SandboxRecord
const view: SandboxView = { sandbox, endpoints: [endpoint] }

const bridge = {
  IPAMConfig: null,
  Links: null,
  Aliases: null,
  DriverOpts: null,
  GwPriority: 0,
  NetworkID: 'n1',
  EndpointID: 'e1',
  Gateway: '172.17.0.1',
  IPAddress: '172.17.0.2',
  MacAddress: '02:42:ac:11:00:02',
  IPPrefixLen: 16,
  IPv6Gateway: 'fd00::1',
  GlobalIPv6Address: 'fd00::2',
  GlobalIPv6PrefixLen: 64,
  DNSNames: null,
}
const net = {
  ...bridge,
  IPAMConfig: { IPv4Address: '10.0.0.9' },
  Aliases: ['w'],
  NetworkID: 'n2',
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  MacAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
}
const networkId = (name: string) => (name === 'net' ? 'n2' : undefined)

test('containerSummary() is one line of docker ps', () => {
  const context = {
    nowMs: Date.parse('2026-01-01T00:00:06Z'),
    version: '1.51',
    networkId,
    imageId: () => record.imageId,
  }
  const summary = containerSummary(record, view, context)
  assert.deepEqual(summary, {
    Id: record.id,
    Names: ['/web'],
    Image: 'busybox:latest',
    ImageID: 'sha256:1111',
    Command: "sh -c 'sleep 1'",
    Created: 1_767_225_600,
    Ports: [
      { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
      { PrivatePort: 90, Type: 'udp' },
    ],
    Labels: {},
    State: 'running',
    Status: 'Up 5 seconds',
    HostConfig: { NetworkMode: 'bridge' },
    NetworkSettings: { Networks: { bridge, net } },
    Mounts: [{ Type: 'bind', Source: '/src', Destination: '/dst', Mode: 'ro', RW: false, Propagation: 'rprivate' }],
  })
  // Its image has lost its name: the id tells what runs.
  assert.equal(containerSummary(record, view, { ...context, imageId: () => undefined }).Image, 'sha256:1111')
})

test('containerInspect() shows everything, the default bridge twice', () => {
  const paths = { dir: '/d', runDir: '/r', rootfs: '/d/rootfs', log: '/d/log' }
  const { HostConfig, NetworkSettings, Config, State, ...rest } = containerInspect(record, {
    version: '1.51',
    paths,
    sandbox: view,
    networkId,
  })
  assert.deepEqual(rest, {
    Id: record.id,
    Created: '2026-01-01T00:00:00.000000000Z',
    Path: 'sh',
    Args: ['-c', 'sleep 1'],
    Image: 'sha256:1111',
    ResolvConfPath: '/d/resolv.conf',
    HostnamePath: '/d/hostname',
    HostsPath: '/d/hosts',
    LogPath: '/d/log',
    Name: '/web',
    RestartCount: 0,
    Driver: 'overlay2',
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    ExecIDs: null,
    GraphDriver: {
      Name: 'overlay2',
      Data: { ID: record.id, MergedDir: '/d/rootfs', UpperDir: '/d/upper', WorkDir: '/d/work' },
    },
    Mounts: [{ Type: 'bind', Source: '/src', Destination: '/dst', Mode: 'ro', RW: false, Propagation: 'rprivate' }],
  })
  assert.deepEqual(State, {
    Status: 'running',
    Running: true,
    Paused: false,
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    Pid: 42,
    ExitCode: 0,
    Error: '',
    StartedAt: '2026-01-01T00:00:01.000000000Z',
    FinishedAt: '0001-01-01T00:00:00Z',
  })
  assert.deepEqual(NetworkSettings, {
    Bridge: '',
    SandboxID: 's1',
    SandboxKey: '/run/wharf/netns/s1',
    Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '90/udp': null },
    Networks: { bridge, net },
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: 'e1',
    Gateway: '172.17.0.1',
    GlobalIPv6Address: 'fd00::2',
    GlobalIPv6PrefixLen: 64,
    IPAddress: '172.17.0.2',
    IPPrefixLen: 16,
    IPv6Gateway: 'fd00::1',
    MacAddress: '02:42:ac:11:00:02',
  })
  assert.deepEqual(
    [Config.Hostname, Config.Image, HostConfig.Binds],
    [record.id.slice(0, 12), 'busybox:latest', ['/src:/dst:ro']],
  )
})

test('endpointViews() adds the short id to the aliases before API 1.45', () => {
  const views = endpointViews(record, { endpoints: [endpoint], networkId }, '1.44')
  assert.deepEqual([views['bridge']?.Aliases, views['net']?.Aliases], [null, ['w', record.id.slice(0, 12)]])
})

test('hostConfigView() fills in what the user left out', () => {
  const { RestartPolicy, LogConfig, MaskedPaths, Memory } = hostConfigView({ Memory: 7, RestartPolicy: { Name: '' } })
  assert.deepEqual(
    [RestartPolicy, LogConfig, MaskedPaths?.length, Memory],
    [{ Name: 'no', MaximumRetryCount: 0 }, { Type: 'json-file', Config: {} }, 12, 7],
  )
  assert.equal(hostConfigView({ Privileged: true }).MaskedPaths, null)
})

test('mountPoints() reads binds and mounts', () => {
  assert.deepEqual(
    mountPoints({
      config: {},
      hostConfig: { Binds: ['/a:/z:rshared'], Mounts: [{ Type: 'tmpfs', Target: '/b', ReadOnly: true }] },
    }),
    [
      { Type: 'tmpfs', Source: '', Destination: '/b', Mode: '', RW: false, Propagation: '' },
      { Type: 'bind', Source: '/a', Destination: '/z', Mode: 'rshared', RW: true, Propagation: 'rshared' },
    ],
  )
})

test('commandText() is empty for nothing', () => {
  assert.equal(commandText({}), '')
})
