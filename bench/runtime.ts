/**
 * What one container costs without the engine around it: create, start, exec, end, streams, memory.
 *
 * `node bench/runtime.ts [rounds]`; medians in milliseconds, beside the floor: the bare OCI runtime on the same bundle.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { ContainerTable } from '../src/container/container-table.ts'
import type { ExecRequest } from '../src/container/containers.ts'
import { Execs } from '../src/container/exec/execs.ts'
import type { ContainerRecord } from '../src/container/model.ts'
import { ensureRootfs, removeRootfs } from '../src/container/rootfs.ts'
import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { ContainerLab } from '../test/support/container-lab.ts'

const rounds = Number(process.argv[2] ?? 20)
const timings = new Map<string, number[]>()

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

async function timed<T>(what: string, work: () => Promise<T> | T): Promise<T> {
  const start = performance.now()
  const result = await work()
  const list = timings.get(what) ?? []
  timings.set(what, list)
  list.push(performance.now() - start)
  return result
}

async function lifeOf(lab: ContainerLab, namespace: NetworkNamespace): Promise<void> {
  const record = lab.record(['sleep', '1000'])
  const paths = lab.pathsOf(record.id)
  const start = performance.now()
  await timed('root file system', () => ensureRootfs(paths, [lab.layer]))
  await timed('create', () =>
    lab.supervisor.create({ record, paths, networkNamespace: namespace.path, mounts: { binds: [], tmpfs: [] } }),
  )
  await timed('attach', () => lab.supervisor.attach(record)[Symbol.dispose]())
  await timed('start', () => lab.supervisor.start(record))
  await timed('all of it (goal 40)', () => new Promise((resolve) => setTimeout(resolve)))
  timings.get('all of it (goal 40)')!.splice(-1, 1, performance.now() - start)
  const ending = performance.now()
  const end = lab.supervisor.watchExit(record)
  await lab.supervisor.kill(record, 'KILL')
  await timed('kill to exit code', () => end)
  await timed('delete', () => lab.supervisor.delete(record))
  await timed('unmount', () => removeRootfs(paths))
  await timed('kill to gone (goal 45)', () => {})
  timings.get('kill to gone (goal 45)')!.splice(-1, 1, performance.now() - ending)
}

async function floorOf(lab: ContainerLab): Promise<void> {
  const record = lab.record(['sleep', '1000'])
  await lab.start(record)
  const bundle = lab.pathsOf(record.id).runDir
  const crun = (...words: string[]) => spawnSync('crun', ['--root', `${lab.base}/floor`, ...words], { stdio: 'ignore' })
  for (let i = 0; i < rounds; i++) {
    await timed('floor: crun create', () => void crun('create', '-b', bundle, 'floor'))
    await timed('floor: crun start', () => void crun('start', 'floor'))
    await timed('floor: crun exec true', () => void crun('exec', 'floor', 'true'))
    await timed('floor: crun delete -f', () => void crun('delete', '-f', 'floor'))
  }
}

function openExecs(lab: ContainerLab, record: ContainerRecord): Execs {
  const table = new ContainerTable({ get: () => record, put() {}, delete() {}, list: () => [record] })
  return new Execs({
    networking: { sandboxOf: () => undefined },
    table,
    supervisor: lab.supervisor,
    pathsOf: (id) => lab.pathsOf(id),
    publish() {},
  })
}

async function execsOf(lab: ContainerLab): Promise<void> {
  const record = lab.record(['sleep', '1000'])
  const { conmonPid } = await lab.start(record)
  const memory = (field: string) =>
    Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${conmonPid}/smaps_rollup`, 'utf8'))?.[1])
  console.log(`conmon: RSS ${memory('Rss')} KiB, PSS ${memory('Pss')} KiB`)
  const execs = openExecs(lab, record)
  const request: ExecRequest = {
    command: ['true'],
    environment: [],
    user: '',
    workingDir: '',
    privileged: false,
    terminal: false,
    streams: { stdin: false, stdout: true, stderr: true },
    detachKeys: '',
  }
  const run = async (more: Partial<ExecRequest>, input?: Buffer, times = 0): Promise<number> => {
    const session = await execs.start(await execs.create(record.id, { ...request, ...more }))
    for (let i = 0; i < times; i++) session.stdin!.write(input!)
    session.stdin?.end()
    let bytes = 0
    session.stderr?.resume()
    for await (const chunk of session.stdout) bytes += (chunk as Buffer).length
    await session.closed
    return bytes
  }
  for (let i = 0; i < rounds; i++) await timed('exec true (goal 25)', () => run({}))
  for (let i = 0; i < rounds; i++) await timed('exec -t true', () => run({ terminal: true }))
  const mebi = 2 ** 20
  const rate = async (what: string, work: () => Promise<unknown>, bytes: number) => {
    const start = performance.now()
    await work()
    console.log(`${what}: ${Math.round(bytes / mebi / ((performance.now() - start) / 1000))} MiB/s`)
  }
  const many = ['dd', 'if=/dev/zero', 'bs=64k', 'count=8192']
  await rate('exec, output (goal 200)', () => run({ command: many }), 512 * mebi)
  const streams = { stdin: true, stdout: true, stderr: true }
  const sink = { command: ['sh', '-c', 'cat >/dev/null'], streams }
  await rate('exec, input (goal 200)', () => run(sink, Buffer.alloc(mebi), 512), 512 * mebi)
  await rate('attach, output', () => lab.run(lab.record(['dd', 'if=/dev/zero', 'bs=64k', 'count=1024'])), 64 * mebi)
}

using namespace = NetworkNamespace.create()
await using lab = new ContainerLab(namespace)
console.log(
  `load: ${readFileSync('/proc/loadavg', 'utf8').trim()}; ${execFileSync('crun', ['--version'], { encoding: 'utf8' }).split('\n')[0]}`,
)
for (let i = 0; i < rounds; i++) await lifeOf(lab, namespace)
await floorOf(lab)
await execsOf(lab)
for (const [what, values] of timings) console.log(`${what.padEnd(24)} ${median(values).toFixed(1).padStart(7)} ms`)
