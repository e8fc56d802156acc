import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { getuid } from 'node:process'
import { test } from 'node:test'
import { addressOf, cniPath, scratch } from '../support/cni-files.ts'
import { type Engine, withEngine } from '../support/engine-test.ts'
import { eventually } from '../support/eventually.ts'
import { createHost } from '../support/host.ts'

/** A test beside whose daemon lies a plugin "odd" that can be told to fail. Otherwise it is `ptp`. */
function oddTest(name: string, body: (engine: Engine, odd: ReturnType<typeof oddPlugin>) => Promise<void>): void {
  test(name, { skip: getuid?.() === 0 ? false : 'needs root', timeout: 120_000 }, async () => {
    using host = createHost()
    using odd = oddPlugin()
    const config = { 'cni-path': `${odd.dir}:${cniPath}`, 'plugin-timeout': 2 }
    await withEngine(host, { config }, (engine) => body(engine, odd))
  })
}

function oddPlugin() {
  const files = scratch()
  const mood = join(files.dir, 'mood')
  const log = join(files.dir, 'log')
  const slowPid = join(files.dir, 'slow')
  const program = join(files.dir, 'odd')
  writeFileSync(log, '')
  writeFileSync(mood, '')
  writeFileSync(
    program,
    `#!/bin/sh
echo "$CNI_COMMAND" >> ${log}
case "$(cat ${mood})" in
"$CNI_COMMAND hang") sleep 60 ;;
"$CNI_COMMAND slow") echo $$ > ${slowPid}; sleep 1.5 ;;
"$CNI_COMMAND refuse") echo '{"cniVersion":"1.0.0","code":107,"msg":"not today","details":"come back"}'; exit 1 ;;
"$CNI_COMMAND lie") echo '{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","sandbox":"here"}],"ips":[]}'; exit 0 ;;
"$CNI_COMMAND babble") echo 'all is well'; exit 0 ;;
esac
exec ${cniPath}/ptp
`,
  )
  chmodSync(program, 0o755)
  const ipam = { type: 'host-local', dataDir: files.dir, subnet: '10.89.0.0/24', routes: [{ dst: '0.0.0.0/0' }] }
  return {
    ...files,
    conf: files.write('odd.conf', { cniVersion: '1.0.0', name: 'oddnet', type: 'odd', ipam }),
    be: (next: string) => writeFileSync(mood, next),
    /** A slow call goes on without its engine, and writes down an address when it comes to that. */
    isSlowOneGone: () => !existsSync(`/proc/${readFileSync(slowPid, 'utf8').trim()}`),
    peek: () => readFileSync(log, 'utf8').split('\n').filter(Boolean),
    calls: () => {
      const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean)
      writeFileSync(log, '')
      return lines
    },
    [Symbol.dispose]: () => files[Symbol.dispose](),
  }
}

oddTest('what a CNI plugin does wrong is told, and leaves nothing', async (engine, odd) => {
  const { docker, host } = engine
  await docker.ok('network', 'create', '-d', 'cni', '-o', `conf=${odd.conf}`, 'odd')
  const words: Readonly<Record<string, RegExp>> = {
    refuse: /ADD of CNI plugin .*\/odd: not today: come back \(code 107\)/,
    babble: /ADD of CNI plugin odd: its answer is not JSON/,
    lie: /its plugins say that all is well, but there is no interface eth0/,
    hang: /ADD of CNI plugin .*\/odd: no answer in 2 s/,
  }
  for (const [mood, sentence] of Object.entries(words)) {
    odd.be(`ADD ${mood}`)
    odd.calls()
    const { code, stderr } = await docker.run(['run', '--rm', '--network', 'odd', 'busybox', 'true'])
    assert.notEqual(code, 0)
    assert.match(stderr, sentence)
    assert.deepEqual(odd.calls(), ['ADD', 'DEL'], mood)
  }
  odd.be('')
  await docker.ok('run', '--rm', '--network', 'odd', 'busybox', 'true')
  assert.deepEqual(odd.leases('oddnet'), [])
  assert.deepEqual((await host.ip('link')).map(({ ifname }: { ifname: string }) => ifname).sort(), ['docker0', 'lo'])
})

oddTest(
  'a DEL that fails is called again: before the next ADD, and after a kill of the engine',
  async (engine, odd) => {
    const { docker, daemon } = engine
    await docker.ok('network', 'create', '-d', 'cni', '-o', `conf=${odd.conf}`, 'odd')
    await docker.ok('run', '-di', '--name', 'one', '--network', 'odd', 'busybox')
    odd.be('DEL refuse')
    await docker.ok('rm', '-f', 'one')
    assert.equal(odd.leases('oddnet').length, 1)
    await daemon.kill9()
    odd.be('')
    await daemon.start()
    assert.deepEqual(odd.leases('oddnet'), [])

    await docker.ok('run', '-di', '--name', 'two', '--network', 'odd', 'busybox')
    const address = await addressOf(engine, 'two')
    odd.calls()
    await daemon.kill9()
    await daemon.start()
    assert.deepEqual(odd.calls(), ['CHECK'], 'a container that runs on is compared')
    assert.equal((await engine.sh('two', 'ping -c1 -W2 10.89.0.1')).code, 0)
    const link = JSON.parse((await engine.sh('two', 'cat /sys/class/net/eth0/iflink')).stdout)
    await daemon.stop()
    await engine.host.execOk('ip', [
      'link',
      'delete',
      `${(await engine.host.ip('link')).find(({ ifindex }: { ifindex: number }) => ifindex === link).ifname}`,
    ])
    await daemon.start()
    assert.equal(await addressOf(engine, 'two'), address)
  },
)

oddTest('an engine that is killed over an ADD has it undone by the next one', async (engine, odd) => {
  const { docker, daemon } = engine
  await docker.ok('network', 'create', '-d', 'cni', '-o', `conf=${odd.conf}`, 'odd')
  odd.be('ADD slow')
  odd.calls()
  const started = docker.run(['run', '-di', '--name', 'one', '--network', 'odd', 'busybox'])
  await eventually(async () => odd.peek(), ['ADD'])
  await daemon.kill9()
  await started
  await daemon.start()
  await eventually(async () => odd.peek(), ['ADD', 'DEL'])
  odd.be('')
  await docker.ok('start', 'one')
  await eventually(async () => odd.leases('oddnet').length, 1)
  assert.equal(
    (await engine.sh('one', 'ping -c1 -W2 $(ip route | sed -n "s/default via \\([^ ]*\\).*/\\1/p")')).code,
    0,
  )
  await eventually(async () => odd.isSlowOneGone(), true)
})
