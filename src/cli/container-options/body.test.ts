import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import type { ContainerCreateBody } from '../../protocol/container.ts'
import { parseWords } from '../flags/parse-words.ts'
import { planBody } from './body.ts'
import { containerFlags } from './flags.ts'
import { parseNetworkOption } from './network-option.ts'
import { parsePorts } from './ports.ts'

function plan(...words: string[]): ContainerCreateBody {
  const { flags, args } = parseWords({ flags: containerFlags, passThrough: true }, [...words, 'busybox', 'true'])
  return planBody(flags, args, { own: { HOME: '/root' }, size: [30, 100] })
}

test('planBody() asks for the image, the command and nothing else', () => {
  const { HostConfig, NetworkingConfig, ...config } = plan()
  assert.partialDeepStrictEqual(config, {
    Image: 'busybox',
    Cmd: ['true'],
    Tty: false,
    OpenStdin: false,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
  })
  assert.equal('Entrypoint' in config, false)
  assert.equal(HostConfig?.NetworkMode, 'default')
  assert.deepEqual(NetworkingConfig, { EndpointsConfig: { default: {} } })
})

test('planBody() attaches stdin with -i, and sends the size of the terminal with -t', () => {
  assert.partialDeepStrictEqual(plan('-it'), { OpenStdin: true, StdinOnce: true, AttachStdin: true, Tty: true })
  assert.deepEqual(plan('-it').HostConfig?.ConsoleSize, [30, 100])
  assert.partialDeepStrictEqual(plan('-a', 'stdout'), { AttachStdout: true, AttachStderr: false, AttachStdin: false })
})

const configs: readonly [words: string[], config: object][] = [
  [['-e', 'A=b', '-e', 'HOME', '-e', 'NOSUCH'], { Env: ['A=b', 'HOME=/root'] }],
  [['-l', 'a=b=c', '--label', 'd'], { Labels: { a: 'b=c', d: '' } }],
  [['--entrypoint', ''], { Entrypoint: [''] }],
  [
    ['-w', '/x', '-u', '1:2', '-h', 'box', '--domainname', 'lan'],
    { WorkingDir: '/x', User: '1:2', Hostname: 'box', Domainname: 'lan' },
  ],
  [['--stop-signal', 'HUP', '--stop-timeout', '0'], { StopSignal: 'HUP', StopTimeout: 0 }],
  [
    ['--health-cmd', 'true', '--health-interval', '1s', '--health-retries', '3'],
    { Healthcheck: { Test: ['CMD-SHELL', 'true'], Interval: 1e9, Retries: 3 } },
  ],
  [['--no-healthcheck'], { Healthcheck: { Test: ['NONE'] } }],
  [['-v', '/data'], { Volumes: { '/data': {} } }],
]

for (const [words, config] of configs) {
  test(`planBody() reads ${words.join(' ')}`, () => assert.partialDeepStrictEqual(plan(...words), config))
}

const hosts: readonly [words: string[], host: object][] = [
  [
    ['--rm', '--init', '--privileged', '--read-only', '-P'],
    { AutoRemove: true, Init: true, Privileged: true, ReadonlyRootfs: true, PublishAllPorts: true },
  ],
  [['--restart', 'on-failure:5'], { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 5 } }],
  [
    ['-m', '64m', '--cpus', '1.5', '--pids-limit', '-1', '-c', '512'],
    { Memory: 67108864, NanoCpus: 1.5e9, PidsLimit: -1, CpuShares: 512 },
  ],
  [['-v', '/a:/b:ro', '-v', './c:/d'], { Binds: ['/a:/b:ro', `${resolve('c')}:/d`] }],
  [
    ['--mount', 'type=bind,src=/a,dst=/b,readonly'],
    { Mounts: [{ Type: 'bind', Source: '/a', Target: '/b', ReadOnly: true }] },
  ],
  [
    ['--mount', 'type=tmpfs,destination=/t,tmpfs-size=1m,tmpfs-mode=1770'],
    { Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1048576, Mode: 0o1770 } }] },
  ],
  [['--tmpfs', '/run:size=64m', '--tmpfs', '/tmp'], { Tmpfs: { '/run': 'size=64m', '/tmp': '' } }],
  [
    ['--add-host', 'h:1.2.3.4', '--add-host', 'six=[::1]', '--add-host', 'gw:host-gateway'],
    { ExtraHosts: ['h:1.2.3.4', 'six:::1', 'gw:host-gateway'] },
  ],
  [
    ['--dns', '1.1.1.1', '--dns-search', '.', '--dns-opt', 'ndots:2'],
    { Dns: ['1.1.1.1'], DnsSearch: ['.'], DnsOptions: ['ndots:2'] },
  ],
  [
    ['--ulimit', 'nofile=10:20', '--sysctl', 'net.core.somaxconn=9'],
    { Ulimits: [{ Name: 'nofile', Soft: 10, Hard: 20 }], Sysctls: { 'net.core.somaxconn': '9' } },
  ],
  [
    ['--device', '/dev/fuse', '--device', '/dev/a:/dev/b:r'],
    {
      Devices: [
        { PathOnHost: '/dev/fuse', PathInContainer: '/dev/fuse', CgroupPermissions: 'rwm' },
        { PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'r' },
      ],
    },
  ],
  [
    ['--security-opt', 'systempaths=unconfined', '--security-opt', 'no-new-privileges'],
    { SecurityOpt: ['no-new-privileges'], MaskedPaths: [], ReadonlyPaths: [] },
  ],
  [
    ['--cap-add', 'NET_ADMIN', '--cap-drop', 'ALL', '--pid', 'host', '--ipc', 'none', '--uts', 'host'],
    { CapAdd: ['NET_ADMIN'], CapDrop: ['ALL'], PidMode: 'host', IpcMode: 'none', UTSMode: 'host' },
  ],
  [['--link', 'db:d'], { Links: ['db:d'] }],
]

for (const [words, host] of hosts) {
  test(`planBody() reads ${words.join(' ')}`, () => assert.partialDeepStrictEqual(plan(...words).HostConfig, host))
}

test('planBody() reads files of variables and labels', () => {
  const directory = mkdtempSync(join(tmpdir(), 'wharf-body-'))
  try {
    const file = join(directory, 'env')
    writeFileSync(file, '\uFEFF# comment\n\nA=1\r\n  B=2 \nHOME\nGONE\n')
    assert.deepEqual(plan('--env-file', file, '-e', 'C=3').Env, ['A=1', 'B=2 ', 'HOME=/root', 'C=3'])
    writeFileSync(file, 'bad name=1\n')
    assert.throws(() => plan('--env-file', file), /variable 'bad name' contains whitespaces/)
  } finally {
    rmSync(directory, { recursive: true })
  }
})

test('planBody() puts the container-wide network flags into the first network', () => {
  const { HostConfig, NetworkingConfig } = plan(
    '--network',
    'a',
    '--network',
    'name=b,alias=x,ip=10.0.0.9,gw-priority=5',
    '--ip',
    '10.1.0.2',
    '--network-alias',
    'db',
    '--mac-address',
    '02:00:00:00:00:01',
    '--link',
    'web',
  )
  assert.equal(HostConfig?.NetworkMode, 'a')
  assert.deepEqual(HostConfig?.Links, [])
  assert.deepEqual(NetworkingConfig?.EndpointsConfig, {
    a: { IPAMConfig: { IPv4Address: '10.1.0.2' }, Aliases: ['db'], Links: ['web'], MacAddress: '02:00:00:00:00:01' },
    b: { IPAMConfig: { IPv4Address: '10.0.0.9' }, Aliases: ['x'], GwPriority: 5 },
  })
})

const refused: readonly [words: string[], message: string][] = [
  [
    ['--network', 'a', '--network', 'host'],
    'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
  ],
  [['--network', 'a', '--net', 'a'], 'network "a" is specified multiple times'],
  [
    ['--network', 'name=a,ip=1.2.3.4', '--ip', '1.2.3.5'],
    'conflicting options: cannot specify both --ip and per-network IPv4 address',
  ],
  [
    ['--network-alias', 'x', '--network', 'container:web'],
    'network-scoped aliases are only supported for user-defined networks',
  ],
  [['--network', 'name=a,foo=b'], 'invalid argument "name=a,foo=b" for "--network" flag: invalid field key foo'],
  [['--rm', '--restart', 'always'], 'conflicting options: cannot specify both --restart and --rm'],
  [['--no-healthcheck', '--health-cmd', 'x'], '--no-healthcheck conflicts with --health-* options'],
  [['--mac-address', 'zz'], 'zz is not a valid mac address'],
  [['-v', ':/x'], 'invalid spec: :/x: empty section between colons'],
  [['--mount', 'type=bind'], 'invalid argument "type=bind" for "--mount" flag: target is required'],
  [['--mount', 'foo=1'], 'invalid argument "foo=1" for "--mount" flag: unexpected key \'foo\' in \'foo=1\''],
  [['--device', 'a:b:c:d'], 'bad format for path: a:b:c:d'],
  [['--restart', 'on-failure:x'], 'invalid restart policy format: maximum retry count must be an integer'],
  [['--security-opt', 'foo'], 'Invalid --security-opt: "foo"'],
  [['--env-file', '/nonexistent'], 'open /nonexistent: no such file or directory'],
  [['-e', '=x'], 'invalid argument "=x" for "-e, --env" flag: invalid environment variable: =x'],
  [['-a', 'foo'], 'invalid argument "foo" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR'],
  [['--dns', 'x'], 'invalid argument "x" for "--dns" flag: IP address is not correctly formatted: x'],
  [['--add-host', 'foo'], 'invalid argument "foo" for "--add-host" flag: bad format for add-host: "foo"'],
  [['--ulimit', 'foo=1'], 'invalid argument "foo=1" for "--ulimit" flag: invalid ulimit type: foo'],
  [['--sysctl', 'foo'], 'invalid argument "foo" for "--sysctl" flag: sysctl \'foo\' is not allowed'],
  [['--link', 'a:b:c'], 'invalid argument "a:b:c" for "--link" flag: bad format for links: a:b:c'],
]

for (const [words, message] of refused) {
  test(`planBody() refuses ${words.join(' ')}`, () => assert.throws(() => plan(...words), { message }))
}

const ports: readonly [published: string, exposed: string[], bindings: object][] = [
  ['80', ['80/tcp'], { '80/tcp': [{ HostIp: '', HostPort: '' }] }],
  ['8080:80', ['80/tcp'], { '80/tcp': [{ HostIp: '', HostPort: '8080' }] }],
  ['127.0.0.1::53/udp', ['53/udp'], { '53/udp': [{ HostIp: '127.0.0.1', HostPort: '' }] }],
  ['[::1]:81:80', ['80/tcp'], { '80/tcp': [{ HostIp: '::1', HostPort: '81' }] }],
  [
    '8000-8001:80-81',
    ['80/tcp', '81/tcp'],
    { '80/tcp': [{ HostIp: '', HostPort: '8000' }], '81/tcp': [{ HostIp: '', HostPort: '8001' }] },
  ],
  ['8000-8010:80', ['80/tcp'], { '80/tcp': [{ HostIp: '', HostPort: '8000-8010' }] }],
  ['published=8080,target=80,protocol=sctp', ['80/sctp'], { '80/sctp': [{ HostIp: '', HostPort: '8080' }] }],
]

for (const [published, exposed, bindings] of ports) {
  test(`parsePorts() reads ${published}`, () => {
    const options = parsePorts([published], [])
    assert.deepEqual([Object.keys(options.exposed), options.bindings], [exposed, bindings])
  })
}

test('parsePorts() exposes without publishing, and publishes one port twice', () => {
  assert.deepEqual(parsePorts([], ['70-71', '53/udp']), {
    exposed: { '70/tcp': {}, '71/tcp': {}, '53/udp': {} },
    bindings: {},
  })
  assert.equal(parsePorts(['80', '81:80'], []).bindings['80/tcp']?.length, 2)
})

const badPorts: readonly [published: string, message: string][] = [
  ['abc', 'invalid containerPort: abc'],
  ['80:80:80:80', 'invalid IP address: 80:80'],
  ['1.2.3:80:80', 'invalid IP address: 1.2.3'],
  ['8000-8010:80-81', 'invalid ranges specified for container and host Ports: 80-81 and 8000-8010'],
  ['99999', 'invalid containerPort: 99999'],
  ['x:80', 'invalid hostPort: x'],
  ['80/foo', 'invalid proto: foo'],
  ['published=80', 'no port specified: 80:/tcp<empty>'],
  ['foo=80', 'invalid publish opts key (foo)'],
]

for (const [published, message] of badPorts) {
  test(`parsePorts() refuses ${published}`, () => assert.throws(() => parsePorts([published], []), { message }))
}

test('parseNetworkOption() reads the long form, whose names are lower-cased', () => {
  assert.deepEqual(parseNetworkOption('name=Net,alias=A,alias=b,ip6=FD00::2,"driver-opt=Key=Value,1",gw-priority=-2'), {
    target: 'net',
    aliases: ['a', 'b'],
    links: [],
    driverOpts: { key: 'Value,1' },
    ip: '',
    ip6: 'fd00::2',
    linkLocalIps: [],
    macAddress: '',
    gwPriority: -2,
  })
  assert.equal(parseNetworkOption('container:web').target, 'container:web')
})
