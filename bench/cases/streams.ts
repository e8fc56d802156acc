import { createContainer, removeContainer } from '../../src/client/containers.ts'
import { createExec, startExec } from '../../src/client/execs.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const megabytes = 100
const block = Buffer.alloc(65_536, 'wharf')
const blocks = Math.ceil((megabytes * 1e6) / block.length)
const rounds = 5
const lines = 500_000

/** Many bytes through the streams of an exec, and many lines through `logs -f`. */
export async function streams(engine: BenchEngine): Promise<Row[]> {
  const timings = new Timings()
  const id = await engine.create('none')
  await engine.start(id)
  for (let round = 0; round < rounds; round++) {
    await timings.time('in', () => carry(engine, id, ['sh', '-c', 'cat > /dev/null'], true))
    await timings.time('out', () => carry(engine, id, ['dd', 'if=/dev/zero', 'bs=65536', `count=${blocks}`], false))
    await timings.time('both', () => carry(engine, id, ['cat'], true))
  }
  await engine.remove(id)
  const perSecond = (name: string) => megabytes / (timings.median(name) / 1000)
  return [
    { what: 'exec -i, 100 MB in', value: perSecond('in'), unit: 'MB/s', goal: 200 },
    { what: 'exec, 100 MB out', value: perSecond('out'), unit: 'MB/s', goal: 200 },
    { what: 'exec -i cat, 100 MB in and out again', value: perSecond('both'), unit: 'MB/s', goal: 200 },
    { what: 'logs -f while they are written', value: await follow(engine), unit: 'lines/s', goal: 100_000 },
  ]
}

async function carry({ transport }: BenchEngine, id: string, Cmd: readonly string[], stdin: boolean): Promise<void> {
  const body = { Cmd, AttachStdin: stdin, AttachStdout: true }
  const { stream } = await startExec(transport, await createExec(transport, id, body), false)
  const ended = new Promise((resolve) => stream.once('end', resolve))
  stream.resume()
  if (stdin) {
    for (let left = blocks; left > 0; left--) {
      if (!stream.write(block)) await new Promise((resolve) => stream.once('drain', resolve))
    }
    stream.end()
  }
  await ended
  stream.destroy()
}

/** @returns lines a second, from the start of the container to the last line */
async function follow({ transport, start }: BenchEngine): Promise<number> {
  const { Id: id } = await createContainer(transport, { Image: 'busybox', Cmd: ['seq', '1', String(lines)] }, {})
  const begin = performance.now()
  await start(id)
  const query = { follow: true, stdout: true }
  const log = await transport.open({ method: 'GET', path: `/containers/${id}/logs`, query })
  for await (const _ of log);
  const seconds = (performance.now() - begin) / 1000
  await removeContainer(transport, id, { force: true })
  return lines / seconds
}
