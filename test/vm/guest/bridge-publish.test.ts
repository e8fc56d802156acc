// Virtual machine: no modules
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withEngine } from '../../support/engine-test.ts'
import { createLan } from '../../support/hosts.ts'
import { fetchFrom, fetchIn, serve } from '../../support/web.ts'

test("on Debian's kernel a bridge network works: names, both families, the way out, and a published port", async () => {
  using lan = createLan(2)
  const [host, neighbour] = lan.hosts
  await withEngine(host!, {}, async (engine) => {
    const { docker } = engine
    await docker.ok('network', 'create', '--ipv6', '--subnet', '10.9.0.0/24', '--subnet', 'fd00:9::/64', 'net')
    await docker.ok('run', '-di', '--name', 'web', '--network', 'net', '-p', '10080:80', 'busybox')
    await docker.ok('run', '-di', '--name', 'other', '--network', 'net', 'busybox')
    await serve(engine, 'web', 'published')
    assert.deepEqual(
      {
        byName: await fetchIn(engine, 'other', 'http://web/'),
        byIPv6: await fetchIn(engine, 'other', 'http://[fd00:9::2]/'),
        neighbour: await fetchFrom(neighbour!, `http://${lan.addresses[0]}:10080/`),
        loopback: await fetchFrom(host!, 'http://127.0.0.1:10080/'),
        itself: await fetchIn(engine, 'web', `http://${lan.addresses[0]}:10080/`),
      },
      {
        byName: 'published',
        byIPv6: 'published',
        neighbour: 'published',
        loopback: 'published',
        itself: 'published',
      },
    )
    const out = await docker.ok('exec', 'other', 'ping', '-c', '1', '-W', '5', lan.addresses[1]!)
    assert.match(out, /1 packets received/)
    await docker.ok('rm', '-f', 'web')
    assert.equal(await fetchFrom(neighbour!, `http://${lan.addresses[0]}:10080/`), 'curl: 7', 'withdrawn')
  })
})
