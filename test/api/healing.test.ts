import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { fetchFrom, fetchIn, serve } from '../support/web.ts'

engineTest('what somebody breaks on the host is mended at once, and docker events says so', async (engine) => {
  const { docker, host } = engine
  await docker.ok('network', 'create', 'net')
  await docker.ok('run', '-di', '--name', 'web', '--network', 'net', '-p', '10080:80', 'busybox')
  await docker.ok('run', '-di', '--name', 'other', '--network', 'net', 'busybox')
  await serve(engine, 'web', 'still-here')
  const bridge = `br-${(await docker.ok('network', 'inspect', '-f', '{{.ID}}', 'net')).slice(0, 12)}`
  const format = '{{.Type}} {{.Action}} {{.Actor.Attributes.name}}: {{.Actor.Attributes.lost}}'
  await using events = docker.terminal(['events', '--since', '1', '--filter', 'event=heal', '--format', format])

  await host.execOk('nft', ['flush', 'ruleset'])
  await events.expect(/network heal net: table inet wharf/)
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:10080/'), 'still-here')

  await host.execOk('ip', ['link', 'delete', bridge])
  await events.expect(new RegExp(`network heal net: bridge ${bridge}, .*of container web`))
  assert.equal(await fetchIn(engine, 'other', 'http://web/'), 'still-here')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:10080/'), 'still-here')

  const cable = (await host.ip('link', 'show', 'master', bridge))[0].ifname as string
  await host.execOk('ip', ['link', 'delete', cable])
  await events.expect(new RegExp(`network heal net: ${cable} of container`))
  assert.equal(await fetchIn(engine, 'other', 'http://web/'), 'still-here')
})
