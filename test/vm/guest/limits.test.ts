// Virtual machine: loop
import { test } from 'node:test'
import { type Engine, withEngine } from '../../support/engine-test.ts'
import { createHost } from '../../support/host.ts'
import { burnsCpu, forks, holdsDevicesBack, sharesCpu } from '../../support/limit-scenes/bind.ts'
import { keepsEveryLimit } from '../../support/limit-scenes/kept.ts'
import { runsOutOfMemory } from '../../support/limit-scenes/memory.ts'
import { classesPackets } from '../../support/limit-scenes/net-class.ts'
import { updatesWhatRuns } from '../../support/limit-scenes/update.ts'

const scenes: Readonly<Record<string, (engine: Engine) => Promise<void>>> = {
  'every limit is in the control groups, and in inspect': keepsEveryLimit,
  '--cpus holds a container that burns CPU back': burnsCpu,
  '--cpu-shares divide one CPU between those who want it': sharesCpu,
  '--pids-limit ends forking': forks,
  '--device-read-bps and its like hold readers and writers of a block device back': holdsDevicesBack,
  'a process that the kernel kills for its memory is told': runsOutOfMemory,
  'packets have a class, beside cgroup v2': classesPackets,
  'update changes what runs, and what is started later': updatesWhatRuns,
}

// One engine for all: a start takes long in an emulated machine.
test('limits, where there is cgroup v2 and nothing else', { timeout: 600_000 }, async (t) => {
  using host = createHost()
  await withEngine(host, {}, async (engine) => {
    for (const [title, scene] of Object.entries(scenes)) {
      await t.test(title, async () => {
        await scene(engine)
        const ids = await engine.docker.ok('ps', '-aq')
        if (ids !== '') await engine.docker.ok('rm', '-f', ...ids.split('\n'))
      })
    }
  })
})
