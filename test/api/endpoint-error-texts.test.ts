import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { checkRows, connect, disconnect, type Row, wishFor } from '../support/error-rows.ts'
import { eventually } from '../support/eventually.ts'
import { rawHttp } from '../support/raw-http.ts'
import { httpWhoami } from '../support/web.ts'

const ids = '[0-9a-f]{64}'

engineTest('connect and disconnect answer what cannot be as Docker does', async ({ docker, daemon }, t) => {
  await docker.ok('network', 'create', '--subnet', '10.88.0.0/24', 'net')
  await docker.ok('network', 'create', 'other')
  await docker.ok('run', '-di', '--name', 'c1', '--network', 'net', '--ip', '10.88.0.9', 'busybox')
  await docker.ok('run', '-di', '--name', 'c2', '--network', 'other', 'busybox')
  await docker.ok('create', '--name', 'idle', '--network', 'net', 'busybox')
  const sysctl = { 'com.docker.network.endpoint.sysctls': 'net.ipv4.conf.eth0.log_martians=1' }
  const wrongSysctl =
    "unrecognised network interface sysctl 'net.ipv4.conf.eth0.log_martians=1'; represent 'net.X.Y.ethN.Z=V' as 'net.X.Y.IFNAME.Z=V', 'X' must be 'ipv4', 'ipv6' or 'mpls'"
  await checkRows(t, rawHttp(daemon.socket), [
    {
      title: 'connect a running container twice',
      ask: connect('net', 'c1'),
      status: 403,
      message: 'endpoint with name c1 already exists in network net',
    },
    {
      title: 'connect a container that is not there',
      ask: connect('net', 'nobody'),
      status: 404,
      message: 'No such container: nobody',
    },
    {
      title: 'disconnect a running container from where it is not',
      ask: disconnect('other', 'c1'),
      status: 500,
      message: new RegExp(`^container ${ids} is not connected to network other$`),
    },
    {
      title: 'disconnect a stopped container from where it is not',
      ask: disconnect('other', 'idle'),
      status: 500,
      message: new RegExp(`^container ${ids} is not connected to the network other$`),
    },
    {
      title: 'disconnect a container that is not there',
      ask: disconnect('net', 'nobody'),
      status: 404,
      message: 'No such container: nobody',
    },
    {
      title: 'force a container off that is neither there nor on the network',
      ask: disconnect('net', 'nobody', true),
      status: 404,
      message: 'endpoint nobody not found',
    },
    {
      title: 'an address on the default network',
      ask: connect('bridge', 'c1', { IPAMConfig: { IPv4Address: '172.17.0.9' } }),
      status: 400,
      message: 'invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only',
    },
    {
      title: 'an alias on the default network',
      ask: connect('bridge', 'c1', { Aliases: ['x'] }),
      status: 400,
      message: 'invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks',
    },
    {
      title: 'an address outside the subnets, connecting',
      ask: connect('net', 'c2', { IPAMConfig: { IPv4Address: '1.2.3.4' } }),
      status: 400,
      message: 'invalid endpoint settings:\nno configured subnet contains IP address 1.2.3.4',
    },
    {
      title: 'an address outside the subnets, connecting a stopped container',
      ask: connect('other', 'idle', { IPAMConfig: { IPv4Address: '1.2.3.4' } }),
      status: 400,
      message: 'invalid endpoint settings:\nno configured subnet contains IP address 1.2.3.4',
    },
    {
      title: 'an address that is taken, connecting',
      ask: connect('net', 'c2', { IPAMConfig: { IPv4Address: '10.88.0.9' } }),
      status: 403,
      message: 'Address already in use',
    },
    {
      title: 'a sysctl of another interface, connecting',
      ask: connect('net', 'c2', { DriverOpts: sysctl }),
      status: 400,
      message: `invalid endpoint settings:\n${wrongSysctl}`,
    },
    {
      title: 'an address on the default network, creating',
      ask: wishFor('bridge', { IPAMConfig: { IPv4Address: '172.17.0.9' } }),
      status: 400,
      message:
        'invalid config for network bridge: invalid endpoint settings:\nuser-specified IP address is supported on user-defined networks only',
    },
    {
      title: 'an alias on the default network, creating',
      ask: wishFor('bridge', { Aliases: ['x'] }),
      status: 400,
      message:
        'invalid config for network bridge: invalid endpoint settings:\nnetwork-scoped aliases are only supported for user-defined networks',
    },
    {
      title: 'an address outside the subnets, creating',
      ask: wishFor('net', { IPAMConfig: { IPv4Address: '1.2.3.4' } }),
      status: 400,
      message:
        'invalid config for network net: invalid endpoint settings:\nno configured subnet contains IP address 1.2.3.4',
    },
    {
      title: 'a link-local address that is none, creating',
      ask: wishFor('net', { IPAMConfig: { LinkLocalIPs: ['0.0.0.0'] } }),
      status: 400,
      message: 'invalid config for network net: invalid endpoint settings:\ninvalid link-local IP address: 0.0.0.0',
    },
    {
      title: 'a hardware address that is none, creating',
      ask: wishFor('net', { MacAddress: '02:42' }),
      status: 400,
      message: 'invalid config for network net: invalid MAC address 02:42',
    },
    {
      title: 'a sysctl of another interface, creating',
      ask: wishFor('net', { DriverOpts: sysctl }),
      status: 400,
      message: `invalid config for network net: invalid endpoint settings:\n${wrongSysctl}`,
    },
  ])
})

engineTest('a start that the network refuses is told as Docker tells it', async ({ docker, daemon, host }, t) => {
  await docker.ok('network', 'create', '--subnet', '10.88.0.0/24', 'net')
  await docker.ok('network', 'create', '--subnet', '10.89.0.0/30', 'tiny')
  await docker.ok(
    'run',
    '-di',
    '--name',
    'c1',
    '--network',
    'net',
    '--ip',
    '10.88.0.9',
    '-p',
    '8080-8081:80-81',
    'busybox',
  )
  await docker.ok('run', '-di', '--name', 'c2', '--network', 'tiny', 'busybox')
  await using _server = await httpWhoami(host.namespace.path, '0.0.0.0', 8090)
  const tiny = await docker.ok('network', 'inspect', '-f', '{{.Id}}', 'tiny')
  const failure = 'failed to set up container networking: '
  const publishing = (name: string) =>
    `^${failure}driver failed programming external connectivity on endpoint ${name} \\(${ids}\\): `
  const cases: readonly (Omit<Row, 'ask'> & { readonly flags: readonly string[] })[] = [
    {
      title: 'an address that is taken, starting',
      flags: ['--network', 'net', '--ip', '10.88.0.9'],
      status: 403,
      message: `${failure}Address already in use`,
    },
    {
      title: 'a subnet without a free address',
      flags: ['--network', 'tiny'],
      status: 500,
      message: `${failure}no available IPv4 addresses on this network's address pools: tiny (${tiny})`,
    },
    {
      title: 'a port of another container',
      flags: ['-p', '8080:80'],
      status: 500,
      message: new RegExp(`${publishing('s2')}Bind for 0\\.0\\.0\\.0:8080 failed: port is already allocated$`),
    },
    {
      title: 'a port of a process of the host',
      flags: ['-p', '8090:80'],
      status: 500,
      message: new RegExp(
        `${publishing('s3')}failed to bind host port 0\\.0\\.0\\.0:8090/tcp: address already in use$`,
      ),
    },
    {
      title: 'a range of ports that are all taken',
      flags: ['-p', '8080-8081:80'],
      status: 500,
      message: new RegExp(`${publishing('s4')}all ports are allocated$`),
    },
  ]
  for (const [index, { flags }] of cases.entries()) {
    await docker.ok('create', '--name', `s${index}`, ...flags, 'busybox')
  }
  const links = await host.ip('link', 'show')
  await checkRows(
    t,
    rawHttp(daemon.socket),
    cases.map((row, index) => ({ ...row, ask: ['POST', `/containers/s${index}/start`] })),
  )
  await eventually(async () => (await host.ip('link', 'show')).length, links.length) // nothing half-made
})

engineTest('a container that could not be removed is dead, and told as Docker tells it', async (engine, t) => {
  const { docker, daemon, host } = engine
  await docker.ok('network', 'create', 'net')
  await docker.ok('create', '--name', 'stuck', 'busybox')
  const id = await docker.ok('inspect', '-f', '{{.Id}}', 'stuck')
  const busy = await docker
    .ok('inspect', '-f', '{{.HostnamePath}}', 'stuck')
    .then((path) => path.replace(/hostname$/, 'busy'))
  await host.execOk('mkdir', [busy])
  await host.execOk('mount', ['-t', 'tmpfs', 'none', busy]) // what is mounted there keeps the directory
  try {
    assert.equal((await docker.run(['rm', 'stuck'])).code, 1)
    assert.equal(await docker.ok('ps', '-a', '--format', '{{.Status}}', '-f', 'name=stuck'), 'Dead')
    const message = `Container ${id} is marked for removal and cannot be connected or disconnected to the network`
    await checkRows(t, rawHttp(daemon.socket), [
      { title: 'connect a dead container', ask: connect('net', 'stuck'), status: 500, message },
      { title: 'disconnect a dead container', ask: disconnect('bridge', 'stuck'), status: 500, message },
    ])
  } finally {
    await host.execOk('umount', [busy])
  }
  await docker.ok('rm', 'stuck')
})
