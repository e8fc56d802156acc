import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'

engineTest('network create prints the id, makes a bridge and takes the next subnet', async ({ docker, host }) => {
  const id = await docker.ok('network', 'create', 'my_net2')
  assert.match(id, /^[0-9a-f]{64}$/)
  const [network] = JSON.parse(await docker.ok('network', 'inspect', 'my_net2'))
  assert.partialDeepStrictEqual(network, {
    Name: 'my_net2',
    Id: id,
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv6: false,
    IPAM: { Driver: 'default', Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
    Internal: false,
    Attachable: false,
    Containers: {},
  })
  const [link] = await host.ip('addr', 'show', `br-${id.slice(0, 12)}`)
  assert.equal(link.linkinfo.info_kind, 'bridge')
  assert.equal(link.addr_info[0].local, '172.18.0.1')
  assert.equal(await docker.ok('network', 'rm', 'my_net2'), 'my_net2')
  await eventually(
    async () => (await host.ip('link', 'show', 'type', 'bridge')).map(({ ifname }: { ifname: string }) => ifname),
    ['docker0'],
  )
})

engineTest('a network in use is not removed, and a predefined one never', async ({ docker, api }) => {
  const id = await docker.ok('network', 'create', 'used')
  await docker.ok('run', '-di', '--name', 'user', '--network', 'used', 'busybox')
  const refusal = await docker.run(['network', 'rm', 'used'])
  assert.equal(refusal.code, 1)
  assert.match(
    refusal.stderr,
    /error while removing network: network used has active endpoints \(name:"user" id:"[0-9a-f]{12}"\)/,
  )
  await assert.rejects(api.getNetwork(id).remove(), { statusCode: 403 })
  for (const name of ['bridge', 'host', 'none']) {
    const { code, stderr } = await docker.run(['network', 'rm', name])
    assert.equal(code, 1)
    assert.match(stderr, new RegExp(`${name} is a pre-defined network and cannot be removed`))
  }
  await docker.ok('rm', '-f', 'user')
  await docker.ok('network', 'rm', 'used')
})

engineTest('network create refuses bad wishes with the codes and words of Docker', async ({ docker, api }) => {
  await docker.ok('network', 'create', '--subnet', '10.88.0.0/24', 'taken')
  const ipam = (config: object) => ({ Driver: 'default', Config: [config] })
  const refusals: readonly (readonly [object, number, RegExp])[] = [
    [{ Name: 'taken' }, 409, /network with name taken already exists/],
    [{ Name: 'bridge' }, 403, /operation is not permitted on predefined bridge network/],
    [{ Name: '' }, 400, /name/],
    [{ Name: 'x', Driver: 'warp' }, 404, /plugin "warp" not found/],
    [{ Name: 'x', Driver: 'host' }, 403, /only one instance of "host" network is allowed/],
    [{ Name: 'x', IPAM: ipam({ Subnet: '10.88.0.0/25' }) }, 403, /Pool overlaps with other one on this address space/],
    [
      { Name: 'x', IPAM: ipam({ Subnet: '10.1.0.1/16' }) },
      400,
      /invalid subnet 10\.1\.0\.1\/16: it should be 10\.1\.0\.0\/16/,
    ],
    [{ Name: 'x', IPAM: ipam({ Subnet: 'nonsense' }) }, 400, /invalid/],
    [
      { Name: 'x', IPAM: ipam({ Subnet: '10.2.0.0/24', Gateway: '10.3.0.1' }) },
      400,
      /invalid gateway 10\.3\.0\.1: parent subnet 10\.2\.0\.0\/24 doesn't contain this address/,
    ],
    [{ Name: 'x', Options: { 'com.docker.network.driver.mtu': '-1' } }, 400, /invalid MTU number: -1/],
    [{ Name: 7 }, 400, /./],
  ]
  for (const [body, statusCode, message] of refusals) {
    await assert.rejects(
      api.createNetwork(body),
      (error: Error & { statusCode: number; json?: { message: string } }) => {
        assert.equal(error.statusCode, statusCode, `${JSON.stringify(body)}: ${error.message}`)
        assert.match(error.json?.message ?? error.message, message)
        return true
      },
    )
  }
  assert.equal((await api.listNetworks()).length, 4, 'nothing half-made')
})

engineTest('network ls filters and network prune keep what is used', async ({ docker }) => {
  await docker.ok('network', 'create', '--label', 'team=a', 'alpha')
  await docker.ok('network', 'create', 'beta')
  await docker.ok('run', '-di', '--name', 'user', '--network', 'beta', 'busybox')
  const list = async (...words: string[]) =>
    (await docker.ok('network', 'ls', '--format', '{{.Name}}', ...words)).split('\n').filter(Boolean)
  assert.deepEqual(await list('-f', 'label=team=a'), ['alpha'])
  assert.deepEqual(await list('-f', 'type=custom'), ['alpha', 'beta'])
  assert.deepEqual(await list('-f', 'driver=null'), ['none'])
  assert.deepEqual(await list('-f', 'dangling=true'), ['alpha'])
  assert.match(await docker.ok('network', 'prune', '-f'), /Deleted Networks:\nalpha/)
  assert.deepEqual(await list(), ['beta', 'bridge', 'host', 'none'])
})

engineTest('an internal network has no way out', async ({ docker, sh }) => {
  await docker.ok('network', 'create', '--internal', 'inner')
  await docker.ok('run', '-di', '--name', 'one', '--network', 'inner', 'busybox')
  await docker.ok('run', '-di', '--name', 'two', '--network', 'inner', 'busybox')
  assert.doesNotMatch((await sh('one', 'ip route')).stdout, /default/)
  assert.equal((await sh('one', 'ping -c 1 -W 2 two')).code, 0)
})

engineTest('the subnets of networks are all different, and freed ones can be had again', async ({ docker, api }) => {
  const names = Array.from({ length: 40 }, (_, index) => `net${index}`)
  await Promise.all(names.map((Name) => api.createNetwork({ Name })))
  const subnets = (await api.listNetworks()).flatMap(({ IPAM }) => (IPAM.Config ?? []).map((c: any) => c.Subnet))
  assert.equal(new Set(subnets).size, subnets.length)
  assert.equal(subnets.length, 41)
  await Promise.all(names.map((name) => api.getNetwork(name).remove()))
  assert.equal((await docker.ok('network', 'ls', '-q')).split('\n').length, 3)
})

engineTest('network create --config-only makes a template for --config-from', async ({ docker }) => {
  await docker.ok('network', 'create', '--config-only', '--subnet', '10.81.0.0/24', '-o', 'a=b', 'base')
  await docker.ok('network', 'create', '--config-from', 'base', 'made')
  const [base, made] = JSON.parse(await docker.ok('network', 'inspect', 'base', 'made'))
  assert.partialDeepStrictEqual(base, {
    ConfigOnly: true,
    Driver: 'null',
    IPAM: { Config: [{ Subnet: '10.81.0.0/24' }] },
  })
  assert.partialDeepStrictEqual(made, {
    ...{ ConfigOnly: false, ConfigFrom: { Network: 'base' }, Driver: 'bridge', Options: { a: 'b' } },
    IPAM: { Config: [{ Subnet: '10.81.0.0/24', Gateway: '10.81.0.1' }] },
  })
  const refusal = await docker.run(['network', 'rm', 'base'])
  assert.match(refusal.stderr, /configuration network "base" is in use/)
  await docker.ok('network', 'rm', 'made')
  await docker.ok('network', 'rm', 'base')
})
