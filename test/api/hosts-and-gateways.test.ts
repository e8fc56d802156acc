import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { type Engine, engineTest } from '../support/engine-test.ts'

/** Default routes of a container, by `ip` in its namespace: gateway and interface of each family. */
async function waysOut({ docker, host }: Engine, container: string): Promise<Record<string, string>> {
  const path = await docker.ok('inspect', '-f', '{{.NetworkSettings.SandboxKey}}', container)
  const routes = async (family: string) => {
    const text = await host.execOk('nsenter', [`--net=${path}`, 'ip', '-j', family, 'route', 'show', 'default'])
    return JSON.parse(text)
      .map(({ gateway, dev }: { gateway: string; dev: string }) => `${gateway} ${dev}`)
      .join(', ')
  }
  return { ipv4: await routes('-4'), ipv6: await routes('-6') }
}

engineTest(
  'the way out goes by priority, then both families before one, then the name of the network',
  async (engine) => {
    const { docker } = engine
    const network = (name: string, ...words: string[]) => docker.ok('network', 'create', ...words, name)
    await network('aa', '--subnet', '10.1.0.0/24')
    await network('bb', '--subnet', '10.2.0.0/24')
    await network('six', '--subnet', 'fd00:3::/64', '--ipv6', '--ipv4=false')
    await network('dual', '--subnet', '10.4.0.0/24', '--subnet', 'fd00:4::/64', '--ipv6')
    await network('inner', '--subnet', '10.5.0.0/24', '--internal')
    await docker.ok('run', '-di', '--name', 'box', '--network', 'bb', 'busybox')
    const seen: Record<string, string>[] = []
    const look = async () => seen.push(await waysOut(engine, 'box'))
    await look()
    for (const name of ['inner', 'aa', 'six', 'dual']) {
      await docker.ok('network', 'connect', name, 'box')
      await look()
    }
    await docker.ok('network', 'disconnect', 'dual', 'box')
    await look()
    await docker.ok('network', 'disconnect', 'bb', 'box')
    await docker.ok('network', 'connect', '--gw-priority', '7', 'bb', 'box')
    await look()
    await docker.ok('network', 'disconnect', 'bb', 'box')
    await docker.ok('network', 'disconnect', 'aa', 'box')
    await docker.ok('network', 'disconnect', 'six', 'box')
    await look()
    assert.deepEqual(seen, [
      { ipv4: '10.2.0.1 eth0', ipv6: '' },
      { ipv4: '10.2.0.1 eth0', ipv6: '' },
      { ipv4: '10.1.0.1 eth2', ipv6: '' },
      { ipv4: '10.1.0.1 eth2', ipv6: 'fd00:3::1 eth3' },
      { ipv4: '10.4.0.1 eth4', ipv6: 'fd00:4::1 eth4' },
      { ipv4: '10.1.0.1 eth2', ipv6: 'fd00:3::1 eth3' },
      { ipv4: '10.2.0.1 eth0', ipv6: 'fd00:3::1 eth3' },
      { ipv4: '', ipv6: '' },
    ])
  },
)

engineTest('/etc/hosts follows connects and disconnects line by line, and what somebody adds stays', async (engine) => {
  const { docker, sh } = engine
  await docker.ok('network', 'create', '--subnet', '10.1.0.0/24', '--subnet', 'fd00:1::/64', '--ipv6', 'one')
  await docker.ok('network', 'create', '--subnet', '10.1.1.0/24', 'two')
  const names = [
    '-h',
    'box',
    '--domainname',
    'lab.test',
    '--add-host',
    'v6=[fd00::7]',
    '--add-host',
    'both:host-gateway',
  ]
  await docker.ok('run', '-di', '--name', 'box', '--network', 'name=one,ip=10.1.0.10', ...names, 'busybox')
  const lines = async () => (await sh('box', 'cat /etc/hosts')).stdout.trimEnd().split('\n')
  const before = await lines()
  assert.deepEqual(before, [
    '127.0.0.1\tlocalhost',
    '::1\tlocalhost ip6-localhost ip6-loopback',
    'fe00::\tip6-localnet',
    'ff00::\tip6-mcastprefix',
    'ff02::1\tip6-allnodes',
    'ff02::2\tip6-allrouters',
    'fd00::7\tv6',
    '172.17.0.1\tboth',
    '10.1.0.10\tbox.lab.test box',
    'fd00:1::2\tbox.lab.test box',
  ])
  // An address that begins like that of the other network, and lines that only look like ours.
  await sh('box', "printf '10.1.1.10\\tbox.lab.test box mine\\n10.1.1.1\\tother\\n' >> /etc/hosts")
  const edited = [...before, '10.1.1.10\tbox.lab.test box mine', '10.1.1.1\tother']
  await docker.ok('network', 'connect', '--ip', '10.1.1.10', 'two', 'box')
  assert.deepEqual(await lines(), [...edited, '10.1.1.10\tbox.lab.test box'])
  await docker.ok('network', 'disconnect', 'two', 'box')
  assert.deepEqual(await lines(), edited)
  assert.equal((await sh('box', 'cat /etc/hostname; hostname')).stdout, 'box\nbox\n')

  await sh('box', "echo 'nameserver 192.0.2.99' > /etc/resolv.conf")
  await docker.ok('network', 'connect', 'two', 'box')
  assert.equal((await sh('box', 'cat /etc/resolv.conf')).stdout, 'nameserver 192.0.2.99\n', 'an edited file is theirs')
  const sealed = await docker.run(['run', '--rm', '--read-only', 'busybox', 'sh', '-c', 'echo x >> /etc/hosts'])
  assert.match(sealed.stderr, /Read-only file system/)
})

engineTest('the files of the modes: host has those of the host, joiners those of the donor', async (engine) => {
  const { docker, sh } = engine
  const cat = async (...words: string[]) =>
    (await docker.run(['run', '--rm', ...words, 'busybox', 'cat', '/etc/hosts'])).stdout
  const own = readFileSync('/etc/hosts', 'utf8')
  assert.equal(await cat('--network', 'host'), own)
  assert.match(
    await cat('--network', 'host', '--add-host', 'x:192.0.2.1'),
    /^127\.0\.0\.1\tlocalhost\n[\s\S]*192\.0\.2\.1\tx\n$/,
  )
  assert.equal(await docker.ok('run', '--rm', '--network', 'host', 'busybox', 'hostname'), hostname())
  assert.equal(await docker.ok('run', '--rm', '--network', 'host', '-h', 'own', 'busybox', 'hostname'), 'own')
  await docker.ok('run', '-di', '--name', 'donor', 'busybox')
  await docker.ok('run', '-di', '--name', 'joiner', '--network', 'container:donor', 'busybox')
  await sh('donor', "echo '192.0.2.5 later' >> /etc/hosts")
  assert.match((await sh('joiner', 'cat /etc/hosts')).stdout, /192\.0\.2\.5 later/)
  assert.equal((await sh('joiner', 'hostname')).stdout, (await sh('donor', 'hostname')).stdout)
})
