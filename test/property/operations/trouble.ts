import fc from 'fast-check'
import { isBridge, type Model } from '../model.ts'
import { booted, died } from '../restarts.ts'
import type { State } from '../state.ts'
import { type Step, step } from '../steps.ts'
import { count } from '../tally.ts'
import { bridgeOf, cableOf, look } from '../witnesses.ts'
import { makeParent, parentName } from '../world.ts'

/** A power failure between two requests, with nothing or something broken meanwhile. */
export const crash: fc.Arbitrary<Step> = fc.option(fc.nat(), { nil: undefined, freq: 3 }).map((pick) => {
  const text = pick === undefined ? 'kill -9 of the daemon' : `kill -9 of the daemon, and damage ${pick}`
  return step(text, async (state) => {
    count('kill -9 of the daemon')
    await state.world.daemon.kill9()
    if (pick !== undefined) {
      const command = damages(state.model, pick)
      state.tell(`kill -9 of the daemon, and ${command}`, true)
      await state.world.sh(command)
    }
    await state.world.daemon.start()
    await state.settle([booted(state.model)])
  })
})

/** The daemon is asked to end, as for an upgrade. */
export const restartDaemon: fc.Arbitrary<Step> = fc.constant(
  step('SIGTERM of the daemon', async (state) => {
    count('SIGTERM')
    const code = await state.world.daemon.stop()
    if (code !== 0) throw new Error(`the daemon's exit code was ${code}`)
    await state.world.daemon.start()
    await state.settle([booted(state.model)])
  }),
)

/** The first process of a container dies; one time in three while no daemon sees it. */
export const killProcess: fc.Arbitrary<Step> = fc.tuple(fc.nat(), fc.nat(2)).map(([pick, one]) =>
  step(`death of a process ${pick}`, async (state) => {
    const { model, world } = state
    const running = Object.entries(model.containers).filter(([, { status }]) => status === 'running')
    const [key, container] = running[pick % running.length] ?? []
    if (container === undefined) return
    const isUnseen = one === 0
    state.tell(`death of ${container.name}'s process${isUnseen ? ' and of the daemon before' : ''}`, true)
    count('death of a process')
    if (isUnseen) await world.daemon.kill9()
    process.kill(container.pid!, 'SIGKILL')
    if (isUnseen) await world.daemon.start()
    const after = died(model, Number(key))
    await state.settle([isUnseen ? booted(after) : after])
  }),
)

/** The process that answers for names and holds ports dies. */
export const killResolver: fc.Arbitrary<Step> = fc.constant(
  step('kill -9 of the resolver', async (state) => {
    const pid = state.world.resolver()
    if (pid === undefined) return
    count('kill -9 of the resolver')
    process.kill(pid, 'SIGKILL')
    await untilGone(state, pid)
    await state.settle()
  }),
)

/** Somebody else takes away or changes what is ours: all of it comes back. */
export const damage: fc.Arbitrary<Step> = fc.nat().map((pick) =>
  step(`damage ${pick}`, async (state) => {
    const command = damages(state.model, pick)
    state.tell(command, true)
    count('damage')
    const { code, stderr } = await state.world.sh(command)
    // A thing of the model is there: whoever cannot break it has found a leak of the test.
    if (code !== 0) throw new Error(`${command}: ${stderr}\n${(await look(state.world, state.model)).join('\n')}`)
    await state.settle()
  }),
)

/** One of all the ways to damage what there is now. */
function damages(model: Model, pick: number): string {
  const bridges = Object.keys(model.networks)
    .filter((name) => isBridge(model, name))
    .map((name) => bridgeOf(model, name))
  const cables = Object.values(model.containers)
    .flatMap(({ sandbox }) => Object.entries(sandbox?.endpoints ?? {}))
    .filter(([network]) => isBridge(model, network))
    .map(([, { id }]) => cableOf(id!))
  const list = [
    'nft flush ruleset',
    'nft delete table inet wharf',
    'nft flush chain inet wharf nat-postrouting',
    'nft flush map inet wharf published4_any',
    `nft add element inet wharf bridges '{ "eth0" }'`,
    `nft 'add table inet wharf { flags dormant; }'`,
    `ip link delete ${parentName} && ${makeParent}`,
    ...bridges.flatMap((name) => [
      `ip link delete ${name}`,
      `ip link set ${name} down`,
      `ip address flush dev ${name} scope global`,
    ]),
    ...cables.flatMap((name) => [`ip link delete ${name}`, `ip link set ${name} down`, `ip link set ${name} nomaster`]),
  ]
  return list[pick % list.length]!
}

async function untilGone(state: State, pid: number): Promise<void> {
  while (state.world.resolver() === pid) await new Promise((resolve) => setTimeout(resolve, 5))
}
