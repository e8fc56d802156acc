import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BenchEngine } from '../support/engine.ts'
import type { Row } from '../support/report.ts'
import { Timings } from '../support/timings.ts'

const rounds = 3
const megabytes = 1024
const smallFiles = 10_000

/** Files in and out of a running container, with our client, beside `tar c | tar x` to the same place. */
export async function copy(engine: BenchEngine): Promise<Row[]> {
  const { daemon, cli } = engine
  const shell = (script: string) => void execFileSync('sh', ['-ec', script], { cwd: daemon.root, stdio: 'ignore' })
  shell(`mkdir big; head -c ${megabytes}M /dev/urandom > big/file`)
  writeSmallFiles(join(daemon.root, 'small'))
  const timings = new Timings()
  const id = await engine.create('none')
  await engine.start(id)
  for (let round = 0; round < rounds; round++) {
    for (const what of ['big', 'small']) {
      const gone = () => rmSync(join(daemon.root, 'out'), { recursive: true })
      await timings.time(`${what} floor out`, () => shell(`mkdir out; tar -C ${what} -c . | tar -C out -x`))
      gone()
      // The container's root is an overlay, where making a file costs more.
      const root = join('data/containers', id, 'rootfs')
      await timings.time(`${what} floor in`, () =>
        shell(`mkdir ${root}/by; tar -C ${what} -c . | tar -C ${root}/by -x`),
      )
      await cli.ok('exec', id, 'rm', '-r', '/by')
      await timings.time(`${what} in`, () => cli.ok('cp', join(daemon.root, what), `${id}:/${what}`))
      await timings.time(`${what} out`, () => cli.ok('cp', `${id}:/${what}`, join(daemon.root, 'out')))
      gone()
      await cli.ok('exec', id, 'rm', '-r', `/${what}`)
    }
  }
  await engine.remove(id)
  return ['in', 'out'].flatMap((way): Row[] => [
    {
      what: `cp ${way}: one file of 1 GiB`,
      value: speed(timings.median(`big ${way}`)),
      unit: 'MB/s',
      floor: speed(timings.median(`big floor ${way}`)),
      goal: 400,
    },
    {
      what: `cp ${way}: ${smallFiles} files of 2 kB`,
      value: timings.median(`small ${way}`),
      unit: 'ms',
      floor: timings.median(`small floor ${way}`),
      goal: 3000,
    },
  ])
}

/** A hundred directories of them; a program started for each would take minutes. */
function writeSmallFiles(dir: string): void {
  for (let i = 0; i < smallFiles; i++) {
    const place = join(dir, String(i % 100))
    mkdirSync(place, { recursive: true })
    writeFileSync(join(place, String(i)), randomBytes(2000))
  }
}

function speed(ms: number): number {
  return (megabytes * 1.048_576) / (ms / 1000)
}
