import { type Probe, probes } from '../probes.ts'
import type { State } from '../state.ts'
import { type Step, step } from '../steps.ts'
import { count } from '../tally.ts'

/** What a sequence waits for in the end: a resolver that was killed, a server that has only just been started. */
const patienceMs = 20_000

/** Names are asked for, neighbours pinged and published ports fetched from, wherever the model says what comes of it. */
export const traffic: Step = step('traffic', async (state) => {
  const asked = probes(state.model)
  if (asked.length === 0) return
  for (const { kind } of asked) count(kind)
  const deadline = performance.now() + patienceMs
  let left: readonly Failure[] = asked.map((probe) => ({ probe, said: '' }))
  while (left.length > 0) {
    left = await failing(
      state,
      left.map(({ probe }) => probe),
    )
    if (performance.now() > deadline) break
  }
  if (left.length === 0) return
  throw new Error(left.map(({ probe, said }) => `${probe.text}: "${said}", not "${probe.wanted}"`).join('\n'))
})

interface Failure {
  readonly probe: Probe
  readonly said: string
}

/** Asks everything at once. @returns what was not answered as it should be */
async function failing(state: State, asked: readonly Probe[]): Promise<Failure[]> {
  const places = [...Map.groupBy(asked, ({ from }) => from)]
  const failures = await Promise.all(
    places.map(async ([from, list]) => {
      const lines = list.map(({ ask }, i) => `{ said=$(${ask}); echo "${i}=$said"; } &`)
      const { stdout } = await runAt(state, from, [...lines, 'wait'].join('\n'))
      const answers = new Map(stdout.split('\n').map((line) => line.split('=', 2) as [string, string]))
      return list.flatMap((probe, i) => {
        const said = answers.get(String(i)) ?? 'nothing'
        return said === probe.wanted ? [] : [{ probe, said }]
      })
    }),
  )
  return failures.flat()
}

async function runAt({ world }: State, from: Probe['from'], script: string): Promise<{ readonly stdout: string }> {
  if (from === 'host') return await world.sh(script)
  if (from === 'outside') return await world.outside.exec('sh', ['-c', script])
  const { NetworkSettings } = await world.get(`/containers/${from}/json`)
  return await world.inside(NetworkSettings.SandboxKey, 'sh', '-c', script)
}
