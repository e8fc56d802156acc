import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { buildImage } from '../../src/client/build.ts'
import { tarOf } from '../../test/support/tar.ts'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 5
const steps = 5
const share = 1.3

/** A Dockerfile of five commands, without the cache and from it, beside `buildah build` by hand on a storage of its own. */
export async function build(engine: BenchEngine): Promise<Row[]> {
  const dir = mkdtempSync(join(engine.daemon.root, 'bench-'))
  const commands = Array.from({ length: steps }, (_, n) => `RUN echo ${n} > /file-${n}\n`).join('')
  const byHand = await prepareBuildah(engine, dir, `FROM localhost/busybox\n${commands}`)
  const context = tarOf({ name: 'Dockerfile', content: `FROM busybox\n${commands}` })
  const timings = new Timings()
  await timings.time('first', () => buildByApi(engine, context, {}))
  // In turns, so that what else the machine does hits both alike.
  for (let round = 0; round < rounds; round++) {
    await timings.time('plain cold', () => byHand('--no-cache'))
    await timings.time('cold', () => buildByApi(engine, context, { nocache: 1 }))
    await timings.time('plain cached', () => byHand())
    await timings.time('cached', () => buildByApi(engine, context, {}))
  }
  rmSync(dir, { recursive: true })
  const row = (what: string, name: string): Row => {
    const floor = timings.median(`plain ${name}`)
    return { what, value: timings.median(name), unit: 'ms', floor, goal: floor * share }
  }
  return [
    { what: `build, ${steps} steps, the very first`, value: timings.median('first'), unit: 'ms' },
    row(`build, ${steps} steps, no cache`, 'cold'),
    row(`build, ${steps} steps, all cached`, 'cached'),
  ]
}

async function buildByApi(
  { transport }: BenchEngine,
  context: Buffer,
  query: Readonly<Record<string, number>>,
): Promise<void> {
  const stream = Readable.from([context], { objectMode: false })
  for await (const { error } of buildImage(transport, { t: 'bench', ...query }, stream, '')) {
    if (error !== undefined) throw new Error(error)
  }
}

/** Each call runs buildah once, in a mount namespace that takes its mounts along. */
async function prepareBuildah({ host, cli }: BenchEngine, dir: string, dockerfile: string) {
  const context = join(dir, 'context')
  mkdirSync(context)
  writeFileSync(join(context, 'Dockerfile'), dockerfile)
  await cli.ok('save', '-o', join(dir, 'image.tar'), 'busybox')
  const unshared = (...command: string[]) => host.execOk('unshare', ['--mount', ...command], { timeoutMs: 120_000 })
  const target = `containers-storage:[overlay@${dir}/root+${dir}/run]localhost/busybox:latest`
  await unshared('skopeo', '--insecure-policy', 'copy', '-q', `docker-archive:${dir}/image.tar`, target)
  const places = [`--root=${dir}/root`, `--runroot=${dir}/run`, '--storage-driver=overlay']
  const flags = ['--layers', '--format=docker', '--pull-never', '--isolation=oci', '--runtime=crun', '--network=host']
  return async (...more: string[]) => {
    await unshared('buildah', ...places, 'build', ...flags, ...more, '-t', 'bench', context)
  }
}
