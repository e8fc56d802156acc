import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Engine } from '../engine-test.ts'
import { eventually } from '../eventually.ts'
import { run } from '../finished.ts'

const patienceMs = 30_000
const chain = 'add table ip seen; add chain ip seen out { type filter hook output priority 0; }'
const rules = `${chain}; add rule ip seen out meta cgroup 0x100001 tcp dport 9 counter`
const send = 'nc -w 1 127.0.0.1 9'

/** The class of packets that a process sends. */
function classOf(pid: string, { daemon }: Engine): string {
  const path = /net_cls[^:]*:(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? ''
  return readFileSync(join(daemon.root, 'run/net_cls', path, 'net_cls.classid'), 'utf8').trim()
}

/** Packets of the class that rules in a network namespace have seen. @param enter  words that enter it */
async function seen(enter: readonly string[]): Promise<number> {
  const [program = '', ...words] = [...enter, 'nft', 'list', 'table', 'ip', 'seen']
  const { stdout } = await run(program, words)
  return Number(/counter packets (\d+)/.exec(stdout)?.[1])
}

/** Packets of a container and of its execs have its class, also after a crash of the daemon. */
export async function classesPackets(engine: Engine): Promise<void> {
  const { docker, wharf, daemon, api, sh, host } = engine
  const run1 = ['run', '-di', '--name']
  await docker.ok(...run1, 'hosted', '--network', 'host', '--security-opt', 'net_cls=10:1', 'busybox')
  await docker.ok(...run1, 'bridged', '--security-opt', 'net_cls=0x100001', 'busybox')
  await wharf.ok(...run1, 'plain', '--network', 'host', 'busybox')
  const pidOf = (name: string) => docker.ok('inspect', '-f', '{{.State.Pid}}', name)
  const { HostConfig } = await api.getContainer('hosted').inspect()
  assert.deepEqual(HostConfig.SecurityOpt, ['net_cls=10:1'])
  assert.equal(classOf(await pidOf('hosted'), engine), String(0x100001))

  const places = [host.enter('true'), ['nsenter', [`--net=/proc/${await pidOf('bridged')}/ns/net`]]] as const
  const [inHost, inContainer] = places.map(([program, words]) =>
    [program, words.filter((word) => word !== 'true')].flat(),
  )
  for (const [program, ...words] of [inHost!, inContainer!]) await run(program!, [...words, 'nft', rules])
  await sh('plain', send)
  assert.equal(await seen(inHost!), 0)
  await sh('hosted', send)
  await eventually(() => seen(inHost!), 1, patienceMs)
  await sh('bridged', send)
  await eventually(() => seen(inContainer!), 1, patienceMs)

  await daemon.kill9()
  await daemon.start()
  await sh('hosted', send)
  await eventually(() => seen(inHost!), 2, patienceMs)
  await docker.ok('restart', '-t', '0', 'bridged')
  assert.equal(classOf(await pidOf('bridged'), engine), String(0x100001))

  await docker.ok('rm', '-f', 'hosted', 'bridged')
  assert.ok(!existsSync(join(daemon.root, 'run/net_cls')), 'what was mounted for classes stays no longer than they do')
}
