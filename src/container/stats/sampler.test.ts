import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeContainer } from '../../../test/support/api/fake-records.ts'
import { eventually } from '../../../test/support/eventually.ts'
import { silentLog } from '../../base/log.ts'
import { parseStatV2 } from '../../kernel/cgroups/parse-counters.ts'
import type { ContainerRecord } from '../model.ts'
import { StatsSampler } from './sampler.ts'

const texts = { usage: '1', limit: 'max', events: '', memoryStat: '', pids: '1', pidsMax: 'max', io: '' }

/** A sampler of containers whose processor time is how often they were measured. */
function createLab() {
  const records = new Map<string, ContainerRecord>()
  const removals = new Map<string, PromiseWithResolvers<void>>()
  const open = new Set<string>()
  let measured = 0
  const lab = { isBroken: false }
  const sampler = new StatsSampler({
    intervalMs: 20,
    log: silentLog,
    recordOf: (id) => records.get(id),
    openMeter(id) {
      open.add(id)
      return {
        measure: ({ name, state }, { total, processors }) => {
          if (lab.isBroken) throw new Error('broken')
          return {
            ...{ containerId: id, containerName: name, time: '', startedAt: state.startedAt, traffic: [] },
            ...{ systemTime: total, processors },
            used: parseStatV2({ ...texts, cpuStat: `usage_usec ${++measured}` }),
          }
        },
        [Symbol.dispose]: () => void open.delete(id),
      }
    },
    removalOf: (id) => removals.getOrInsertComputed(id, () => Promise.withResolvers()).promise,
  })
  const add = (id: string, startedAt = 'first') => {
    const record = fakeContainer(id, id)
    records.set(id, { ...record, id, state: { ...record.state, startedAt } })
  }
  return { lab, sampler, add, open, remove: (id: string) => removals.get(id)?.resolve(), count: () => measured }
}

test('StatsSampler measures once for all who listen, each time with what was before in the same run', async () => {
  const { sampler, add, open, count } = createLab()
  add('a')
  const control = new AbortController()
  const [one, other] = [sampler.watch('a', control.signal), sampler.watch('a', control.signal)]
  const answers = [one.next(), other.next(), one.next()].map(async (answer) => (await answer).value!)
  const [first, same, second] = await Promise.all(answers)
  assert.equal(first!.before, undefined)
  assert.equal(second, same)
  assert.equal(second!.before, first!.now)
  add('a', 'second')
  await eventually(async () => (await one.next()).value?.before, undefined)
  control.abort()
  await Promise.all([one.next(), other.next()])
  assert.equal(open.size, 0)
  const until = count()
  await new Promise((resolve) => setTimeout(resolve, 60))
  assert.equal(count(), until)
})

test('StatsSampler keeps only the last measurement for one who is slow', async () => {
  const { sampler, add, count } = createLab()
  add('a')
  const control = new AbortController()
  const slow = sampler.watch('a', control.signal)
  const first = (await slow.next()).value!
  await eventually(async () => count() > 5, true)
  const next = (await slow.next()).value!
  assert.ok(next.now!.used.cpu.total >= first.now!.used.cpu.total + 5000)
  await slow.return(undefined)
})

test('StatsSampler ends with the container, and begins anew for one of its name', async () => {
  const { sampler, add, open, remove } = createLab()
  for (const id of ['a', 'b']) add(id)
  const { signal } = new AbortController()
  const [gone, stays] = [sampler.watch('a', signal), sampler.watch('b', signal)]
  await Promise.all([gone.next(), stays.next()])
  remove('a')
  await eventually(async () => (await gone.next()).done, true)
  assert.deepEqual([...open], ['b'])
  assert.equal((await stays.next()).done, false)
  await stays.return(undefined)
  assert.equal(open.size, 0)
})

test('StatsSampler tells all who listen when it cannot measure, and has nothing open then', async () => {
  const { lab, sampler, add, open } = createLab()
  add('a')
  const { signal } = new AbortController()
  const both = [sampler.watch('a', signal), sampler.watch('a', signal)]
  await Promise.all(both.map((one) => one.next()))
  lab.isBroken = true
  for (const one of both)
    await assert.rejects(
      eventually(async () => (await one.next()).done, true),
      /broken/,
    )
  assert.equal(open.size, 0)
})
