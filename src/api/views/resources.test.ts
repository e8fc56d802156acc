import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  fakeContainer,
  fakeFacts,
  fakeImage,
  fakeNetwork,
  runningState,
} from '../../../test/support/api/fake-records.ts'
import { parseConfig } from '../../engine/parse-config.ts'
import { doctorView } from './doctor.ts'
import { eventView } from './event.ts'
import { execView } from './exec.ts'
import { imageHistory, imageInspect, imageSummary } from './image.ts'
import { infoView } from './info.ts'
import { networkView } from './network.ts'
import { versionView } from './version.ts'

test('networkView() shows a network and its members', () => {
  const endpoint = {
    version: 1,
    id: 'e1',
    networkId: 'n1',
    networkName: 'net',
    containerId: 'c1',
    containerName: 'web',
    interfaceName: 'eth0',
    mac: '02:42:0a:00:00:02',
    ipv4: '10.0.0.2/24',
    dnsNames: [],
    aliases: [],
    links: [],
    driverOptions: {},
    gatewayPriority: 0,
  } as const
  assert.deepEqual(networkView(fakeNetwork('n1', 'net', { options: { o: '1' } }), [endpoint]), {
    Name: 'net',
    Id: 'n1'.padEnd(64, '0'),
    Created: '2026-01-01T00:00:00.000000000Z',
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: null, Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {
      c1: {
        Name: 'web',
        EndpointID: 'e1',
        MacAddress: '02:42:0a:00:00:02',
        IPv4Address: '10.0.0.2/24',
        IPv6Address: '',
      },
    },
    Options: { o: '1' },
    Labels: {},
  })
})

test('imageSummary() and imageInspect() have VirtualSize before API 1.44', () => {
  assert.deepEqual(imageSummary(fakeImage, 2, '1.43'), {
    Id: 'sha256:1111',
    ParentId: '',
    RepoTags: ['busybox:latest'],
    RepoDigests: [],
    Created: 1_735_689_600,
    Size: 250,
    SharedSize: -1,
    VirtualSize: 250,
    Labels: null,
    Containers: -1,
  })
  assert.equal(imageSummary(fakeImage, 2, '1.51').Containers, 2)
  const nameless = { ...fakeImage, repoTags: [] }
  assert.deepEqual(imageSummary(nameless, 0, '1.42').RepoTags, ['<none>:<none>'])
  assert.deepEqual(imageSummary(nameless, 0, '1.43').RepoTags, [])
  const { Config, ...rest } = imageInspect(fakeImage, '1.51')
  const old = imageInspect(fakeImage, '1.41')
  const containerFields = 'Hostname Domainname AttachStdin AttachStdout AttachStderr Tty OpenStdin StdinOnce Image'
  for (const field of containerFields.split(' '))
    assert.deepEqual([field in old.Config, field in Config], [true, false])
  assert.deepEqual([old.Container, old.ContainerConfig?.Cmd], ['', null])
  assert.deepEqual([Config.Cmd, Config.Entrypoint, Config.Env], [['sh'], null, null])
  assert.deepEqual(rest, {
    Id: 'sha256:1111',
    RepoTags: ['busybox:latest'],
    RepoDigests: [],
    Parent: '',
    Comment: '',
    Created: '2025-01-01T00:00:00Z',
    DockerVersion: '',
    Author: 'somebody',
    Architecture: 'amd64',
    Os: 'linux',
    Size: 250,
    GraphDriver: { Name: 'overlay2', Data: null },
    RootFS: { Type: 'layers', Layers: ['sha256:2222'] },
    Metadata: { LastTagTime: '0001-01-01T00:00:00Z' },
  })
})

test('imageHistory() goes from the newest step down, and gives layers their sizes', () => {
  assert.deepEqual(
    imageHistory(fakeImage).map(({ Id, CreatedBy, Size, Tags }) => [Id, CreatedBy, Size, Tags]),
    [
      ['sha256:1111', 'CMD sh', 0, ['busybox:latest']],
      ['<missing>', 'ADD rootfs', 250, null],
    ],
  )
  assert.deepEqual(imageHistory({ ...fakeImage, history: [] }), [])
})

test('eventView() leaves networks as they are', () => {
  const event = {
    Type: 'network',
    Action: 'create',
    Actor: { ID: 'n', Attributes: {} },
    scope: 'local',
    time: 1,
    timeNano: 1e9,
  } as const
  assert.deepEqual(eventView(event), event)
  assert.deepEqual(eventView({ ...event, Type: 'image', Action: 'pull' }), {
    status: 'pull',
    id: 'n',
    ...event,
    Type: 'image',
    Action: 'pull',
  })
})

test('execView() has no exit code until the end', () => {
  const streams = { stdin: true, stdout: true, stderr: false }
  const request = {
    command: ['ls', '-l'],
    environment: [],
    user: 'me',
    workingDir: '',
    privileged: false,
    terminal: true,
    streams,
    detachKeys: '',
  }
  assert.deepEqual(execView({ id: 'e', containerId: 'c', request, running: true, pid: 7 }), {
    ID: 'e',
    Running: true,
    ExitCode: null,
    ProcessConfig: { tty: true, entrypoint: 'ls', arguments: ['-l'], privileged: false, user: 'me' },
    OpenStdin: true,
    OpenStderr: false,
    OpenStdout: true,
    CanRemove: false,
    ContainerID: 'c',
    DetachKeys: '',
    Pid: 7,
  })
})

test('versionView() names the parts', () => {
  const common = {
    ApiVersion: '1.51',
    MinAPIVersion: '1.24',
    GitCommit: 'abc',
    GoVersion: 'node v26',
    Os: 'linux',
    Arch: 'amd64',
    KernelVersion: '6.18.0',
    BuildTime: '',
  }
  assert.deepEqual(versionView(fakeFacts, 'node v26'), {
    Platform: { Name: 'Wharf Engine' },
    Components: [
      { Name: 'Engine', Version: '0.1.0', Details: { ...common, Experimental: 'false' } },
      { Name: 'crun', Version: '1.8', Details: { GitCommit: '' } },
    ],
    Version: '0.1.0',
    ...common,
  })
})

const hostState = { forwarding: true, openFiles: 7, eventListeners: 2 }

/** Every field that the swagger of version 1.51 has, but for those that are left out when there is nothing to tell. */
const infoFields = `ID Containers ContainersRunning ContainersPaused ContainersStopped Images Driver DriverStatus DockerRootDir
  Plugins MemoryLimit SwapLimit CpuCfsPeriod CpuCfsQuota CPUShares CPUSet PidsLimit OomKillDisable IPv4Forwarding Debug NFd
  NGoroutines SystemTime LoggingDriver CgroupDriver CgroupVersion NEventsListener KernelVersion OperatingSystem OSVersion OSType
  Architecture NCPU MemTotal IndexServerAddress RegistryConfig GenericResources HttpProxy HttpsProxy NoProxy Name Labels
  ExperimentalBuild ServerVersion Runtimes DefaultRuntime Swarm LiveRestoreEnabled Isolation InitBinary ContainerdCommit
  RuncCommit InitCommit SecurityOptions ProductLicense DefaultAddressPools FirewallBackend DiscoveredDevices Warnings
  CDISpecDirs`

test('infoView() has every field of version 1.51, and warns of what is missing or dangerous', () => {
  const source = {
    facts: fakeFacts,
    state: hostState,
    networkDrivers: [],
    containers: [],
    images: 0,
    now: 'now',
    version: '1.51',
  }
  const info = infoView({ ...source, config: parseConfig('{}', {}) })
  assert.deepEqual(Object.keys(info).sort(), infoFields.split(/\s+/).sort())
  assert.deepEqual([info['NFd'], info['NEventsListener'], info['Warnings']], [0, 2, []])
  const facts = { ...fakeFacts, abilities: { ...fakeFacts.abilities, swap: false } }
  const config = parseConfig('{"debug":true,"tls":false,"hosts":["tcp://127.0.0.1:2375"]}', {})
  const bad = infoView({ ...source, facts, state: { ...hostState, forwarding: false }, config })
  assert.deepEqual(
    [bad['NFd'], bad['Warnings']],
    [
      7,
      [
        'WARNING: No swap limit support',
        'WARNING: IPv4 forwarding is disabled',
        'WARNING: API is accessible on http://127.0.0.1:2375 without encryption: whoever reaches it is root on the host',
      ],
    ],
  )
})

test('infoView() counts containers and follows the version', () => {
  const state = (status: 'paused' | 'exited') => ({ state: { ...runningState, status } })
  const source = {
    facts: fakeFacts,
    state: hostState,
    networkDrivers: [],
    config: parseConfig('{"default-address-pools":[{"base":"10.0.0.0/8","size":24}]}', {}),
    containers: [
      fakeContainer('a', 'a'),
      fakeContainer('b', 'b', state('paused')),
      fakeContainer('c', 'c', state('exited')),
    ],
    images: 2,
    now: 'now',
    version: '1.51',
  }
  const info = infoView(source)
  assert.deepEqual(
    [
      'Containers',
      'ContainersRunning',
      'ContainersPaused',
      'ContainersStopped',
      'Images',
      'DefaultAddressPools',
      'FirewallBackend',
    ].map((key) => info[key]),
    [3, 1, 1, 1, 2, [{ Base: '10.0.0.0/8', Size: 24 }], { Driver: 'nftables' }],
  )
  const old = infoView({ ...source, version: '1.48' })
  assert.deepEqual([old['FirewallBackend'], old['BridgeNfIptables']], [undefined, true])
})

test('infoView() shows store and address of a cluster, as Docker did', () => {
  const shown = (clusterAdvertise: string, advertised?: string) => {
    const config = { ...parseConfig('{}', {}), clusterStore: 'etcd://192.0.2.9:2379', clusterAdvertise }
    const source = {
      facts: fakeFacts,
      state: hostState,
      config,
      networkDrivers: [],
      containers: [],
      images: 0,
      now: 'now',
      version: '1.51',
      advertised,
    }
    const { ClusterStore, ClusterAdvertise } = infoView(source)
    return [ClusterStore, ClusterAdvertise]
  }
  assert.deepEqual(shown(''), [undefined, undefined])
  const store = 'etcd://192.0.2.9:2379'
  assert.deepEqual(shown('eth1', '192.0.2.1'), [store, '192.0.2.1'])
  assert.deepEqual(shown('eth1:2376', '192.0.2.1'), [store, '192.0.2.1:2376'])
  assert.deepEqual(shown('[fd00::1]:2376', 'fd00::1'), [store, '[fd00::1]:2376'])
  assert.deepEqual(shown('fd00::1:2', 'fd00::1:2'), [store, 'fd00::1:2'])
})

test('doctorView() tells what is missing', () => {
  const facts = {
    ...fakeFacts,
    components: [{ name: 'conmon', version: 'unknown' }],
    warnings: ['no swap'],
  }
  const { checks } = doctorView(facts, [{ name: 'nftables', status: 'ok', detail: '' }])
  assert.deepEqual(
    checks.map(({ name, status }) => [name, status]),
    [
      ['kernel', 'ok'],
      ['cgroup', 'ok'],
      ['conmon', 'missing'],
      ['host', 'warning'],
      ['nftables', 'ok'],
    ],
  )
})
