import assert from 'node:assert/strict'
import { clusterTest } from '../support/cluster-test.ts'
import { eventually } from '../support/eventually.ts'

clusterTest('containers on three hosts share one network, by address and by name', async ({ engines }) => {
  const [one, two, three] = engines as [(typeof engines)[0], (typeof engines)[0], (typeof engines)[0]]
  const id = await one.docker.ok('network', 'create', '-d', 'overlay', '--subnet', '10.1.0.0/24', 'shared')
  for (const { docker } of engines) {
    await eventually(
      async () => (await docker.run(['network', 'inspect', '-f', '{{.Id}}', 'shared'])).stdout.trim(),
      id,
    )
    assert.match(await docker.ok('network', 'ls'), /shared +overlay +global/)
  }
  for (const [i, { docker }] of engines.entries()) {
    await docker.ok('run', '-di', '--name', `c${i + 1}`, '--network', 'shared', 'busybox')
  }
  const addressOf = '{{.NetworkSettings.Networks.shared.IPAddress}}'
  const addresses = await Promise.all(
    engines.map(({ docker }, i) => docker.ok('inspect', '-f', addressOf, `c${i + 1}`)),
  )
  assert.equal(new Set(addresses).size, 3)
  for (const [i, { sh }] of engines.entries()) {
    for (const [k, address] of addresses.entries()) {
      const reach = async (target: string) => (await sh(`c${i + 1}`, `ping -c1 -W1 ${target}`)).code
      await eventually(() => reach(address), 0)
      await eventually(() => reach(`c${k + 1}`), 0)
    }
  }
  const seen = JSON.parse(await two.docker.ok('network', 'inspect', 'shared'))[0]
  assert.equal(Object.keys(seen.Containers).length, 3)
  assert.deepEqual(
    seen.Peers.map(({ Name }: { Name: string }) => Name),
    ['host1', 'host2', 'host3'],
  )
  const refused = await three.docker.run(['network', 'rm', 'shared'])
  assert.match(refused.stderr, /active endpoints \(.*c1.*host1/)
  for (const [i, { docker }] of engines.entries()) await docker.ok('rm', '-f', `c${i + 1}`)
  await two.docker.ok('network', 'rm', 'shared')
  for (const { docker } of engines) {
    await eventually(async () => /shared/.test(await docker.ok('network', 'ls')), false)
  }
})
