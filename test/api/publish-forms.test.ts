import assert from 'node:assert/strict'
import { engineTest } from '../support/engine-test.ts'
import { fetchFrom, serve } from '../support/web.ts'

/** Every way to write `-p`, and where `docker port` then says that the ports are. */
const forms: readonly (readonly [string, readonly string[]])[] = [
  ['8080:80', ['80/tcp -> 0.0.0.0:8080', '80/tcp -> [::]:8080']],
  ['127.0.0.1:8081:80', ['80/tcp -> 127.0.0.1:8081']],
  ['[::1]:8082:80', ['80/tcp -> [::1]:8082']],
  [
    '8083-8084:83-84',
    ['83', '84'].flatMap((port) => [`${port}/tcp -> 0.0.0.0:80${port}`, `${port}/tcp -> [::]:80${port}`]),
  ],
  ['8080-8086:86', ['86/tcp -> 0.0.0.0:8085', '86/tcp -> [::]:8085']],
  ['127.0.0.1:8087:87/udp', ['87/udp -> 127.0.0.1:8087']],
  ['published=8088,target=88,protocol=tcp', ['88/tcp -> 0.0.0.0:8088', '88/tcp -> [::]:8088']],
]

engineTest('-p is taken in each of its forms', async (engine) => {
  const { docker, host } = engine
  await docker.ok('run', '-di', '--name', 'web', ...forms.slice(0, 4).flatMap(([form]) => ['-p', form]), 'busybox')
  await docker.ok('run', '-di', '--name', 'more', ...forms.slice(4).flatMap(([form]) => ['-p', form]), 'busybox')
  for (const [name, some] of [
    ['web', forms.slice(0, 4)],
    ['more', forms.slice(4)],
  ] as const) {
    const said = (await docker.ok('port', name)).trim().split('\n')
    assert.deepEqual(said.toSorted(), some.flatMap(([, lines]) => lines).toSorted(), name)
  }
  await serve(engine, 'web', 'here')
  await serve(engine, 'more', 'first free', 86)
  assert.equal(await fetchFrom(host, 'http://[::1]:8082/'), 'here')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8082/'), 'curl: 7', 'IPv6 alone')
  assert.equal(await fetchFrom(host, 'http://127.0.0.1:8085/'), 'first free')
})

engineTest('ports that the host chooses are none of ip_local_reserved_ports', async ({ docker, host }) => {
  await host.execOk('sysctl', ['-qw', 'net.ipv4.ip_local_port_range=40000 40009'])
  await host.execOk('sysctl', ['-qw', 'net.ipv4.ip_local_reserved_ports=40001-40004,40006'])
  const expose = ['81', '82', '83'].flatMap((port) => ['--expose', port])
  await docker.ok('run', '-di', '--name', 'web', '-P', ...expose, '-p', '127.0.0.1::84', 'busybox')
  const chosen = Array.from(
    (await docker.ok('port', 'web')).matchAll(/(?:0\.0\.0\.0|127\.0\.0\.1):(\d+)$/gm),
    ([, port]) => Number(port),
  )
  assert.equal(new Set(chosen).size, 4)
  assert.ok(
    chosen.every((port) => [40_000, 40_005, 40_007, 40_008, 40_009].includes(port)),
    chosen.join(),
  )
})

engineTest('-p with sctp reaches the kernel’s own answer', async ({ docker, host }) => {
  const { code, stderr } = await docker.run(['run', '-di', '--name', 'web', '-p', '8080:80/sctp', 'busybox'])
  if (code !== 0) {
    assert.match(stderr, /failed to bind host port 0\.0\.0\.0:8080\/sctp: protocol not supported/)
    return
  }
  assert.match(await docker.ok('port', 'web'), /^80\/sctp -> 0\.0\.0\.0:8080$/m)
  const rules = await host.execOk('nft', ['list', 'map', 'inet', 'wharf', 'published4_any'])
  assert.match(rules, /sctp \. 8080 .*: 172\.17\.0\.2 \. 80/)
})
