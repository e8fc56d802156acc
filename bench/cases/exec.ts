import { createExec, startExec } from '../../src/client/execs.ts'
import { measureBareRuntime } from '../support/bare-runtime.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 15

/** A program started in a running container. */
export async function exec(engine: BenchEngine): Promise<Row[]> {
  const { transport } = engine
  const timings = new Timings()
  await measureBareRuntime(timings, rounds)
  const id = await engine.create('none')
  await engine.start(id)
  for (let round = 0; round < rounds; round++) {
    await timings.time('exec', async () => {
      const body = { Cmd: ['true'], AttachStdout: true, AttachStderr: true }
      const { stream } = await startExec(transport, await createExec(transport, id, body), false)
      for await (const _ of stream);
    })
  }
  await engine.remove(id)
  return [
    { what: 'exec true', value: timings.median('exec'), unit: 'ms', floor: timings.median('crun exec'), goal: 25 },
  ]
}
