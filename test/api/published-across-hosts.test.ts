import assert from 'node:assert/strict'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { withEngine } from '../support/engine-test.ts'
import { createLan } from '../support/hosts.ts'
import { fetchFrom, fetchIn, serve } from '../support/web.ts'

test('containers of two engines without a cluster reach each other by published ports, and by nothing else', {
  skip: getuid?.() === 0 ? false : 'needs root',
  timeout: 150_000,
}, async () => {
  using lan = createLan(3)
  const [first, second, third] = lan.hosts
  await withEngine(first!, {}, async (one) => {
    await withEngine(second!, {}, async (two) => {
      for (const [i, engine] of [one, two].entries()) {
        const name = `c${i + 1}`
        await engine.docker.ok('network', 'create', 'own')
        await engine.docker.ok('run', '-di', '--name', name, '--network', 'own', '-p', '8080:80', 'busybox')
        await serve(engine, name, name)
        await serve(engine, name, name, 81)
      }
      assert.equal(await fetchIn(one, 'c1', 'http://192.0.2.2:8080/'), 'c2')
      assert.equal(await fetchIn(two, 'c2', 'http://192.0.2.1:8080/'), 'c1')
      // By a name that somebody gave.
      const words = ['run', '--rm', '--network', 'own', '--add-host', 'db:192.0.2.2', 'busybox']
      assert.equal(await one.docker.ok(...words, 'wget', '-q', '-O', '-', 'http://db:8080/'), 'c2')
      // A container's own address leads nowhere from another host, also for one that has a route.
      const address = '{{.NetworkSettings.Networks.own.IPAddress}}'
      const inside = await two.docker.ok('inspect', '-f', address, 'c2')
      await third!.execOk('ip', ['route', 'add', inside, 'via', '192.0.2.2'])
      assert.match(await fetchFrom(third!, `http://${inside}/`), /^curl: \d+$/)
      assert.match(await fetchIn(one, 'c1', 'http://192.0.2.2:81/'), /^wget: /)
    })
  })
})
