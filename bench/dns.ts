/** Names answered for each second, and how long one takes, beside plain `dgram`: medians of several rounds. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NetworkNamespace } from '../src/kernel/namespace.ts'
import { raiseLoopback } from '../test/support/dig.ts'
import { type RunningResolver, sandboxSetup, startResolver, webEndpoint } from '../test/support/resolver.ts'

interface Seen {
  readonly perSecond: number
  readonly medianMs: number
  readonly p99Ms: number
}

const rounds = Number(process.argv[2] ?? 5)
const containers = 100
const support = (file: string) => join(import.meta.dirname, 'support', file)

function ask(namespaces: readonly NetworkNamespace[], changes: object): Seen {
  const paths = namespaces.map(({ path }) => path)
  const load = { namespaces: paths, sockets: 1, window: 32, seconds: 1.5, names: ['web'], ...changes }
  return JSON.parse(
    execFileSync(process.execPath, [support('dns-load.ts'), JSON.stringify(load)], { encoding: 'utf8' }),
  )
}

/** The same from a program that is not ours, where it is installed: it leaves more of the machine to the server. */
function dnsperf(namespace: NetworkNamespace, clients: number): Seen | undefined {
  if (!existsSync('/usr/bin/dnsperf')) return undefined
  using questions = mkdtempDisposableSync(join(tmpdir(), 'wharf-dns-'))
  const file = join(questions.path, 'questions')
  writeFileSync(file, 'web A\n')
  const options = ['-s', '127.0.0.11', '-d', file, '-l', '2', '-c', String(clients), '-q', '100']
  const words = [`--net=${namespace.path}`, 'dnsperf', ...options]
  const text = execFileSync('nsenter', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const number = (label: string) => Number(new RegExp(`${label}:\\s+([\\d.]+)`).exec(text)?.[1])
  const meanMs = number('Average Latency \\(s\\)') * 1000
  return { perSecond: number('Queries per second'), medianMs: meanMs, p99Ms: Number.NaN }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

const results = new Map<string, Seen[]>()
function note(what: string, seen: Seen): void {
  results.set(what, [...(results.get(what) ?? []), seen])
}

/** Milliseconds until a new container has its resolver. */
async function timePuts({ client }: RunningResolver, boxes: readonly NetworkNamespace[]): Promise<number[]> {
  const times: number[] = []
  for (const [i, box] of boxes.entries()) {
    await client.tell({ do: 'put-endpoint', endpoint: webEndpoint({ id: `e${i}`, names: [`web${i}`, `c${i}`] }) })
    const before = performance.now()
    await client.tell({ do: 'put-sandbox', sandbox: sandboxSetup(box, { id: `s${i}` }) })
    times.push(performance.now() - before)
  }
  return times
}

function memory(pid: number): string {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  const mebibytes = (name: string) => (Number(new RegExp(`^${name}: +(\\d+)`, 'm').exec(text)?.[1]) / 1024).toFixed(1)
  return `RSS ${mebibytes('Rss')}, PSS ${mebibytes('Pss')}, private ${mebibytes('Private_Dirty')} MiB`
}

using stack = new DisposableStack()
const host = stack.use(NetworkNamespace.create())
const plain = stack.use(NetworkNamespace.create())
const boxes = Array.from({ length: containers }, () => stack.use(NetworkNamespace.create()))
await raiseLoopback(plain)
const floor = spawn('nsenter', [`--net=${plain.path}`, process.execPath, support('dgram-floor.ts')], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
await once(floor.stdout, 'data')
await using resolver = await startResolver(host)
const idle = memory(resolver.process.pid!)
const puts = await timePuts(resolver, boxes)
await resolver.client.tell({ do: 'put-endpoint', endpoint: webEndpoint() })
const names = boxes.map((_, i) => `web${i}`)
for (let i = 0; i < rounds; i++) {
  for (const clients of [1, 4]) {
    const seen = [dnsperf(plain, clients), dnsperf(boxes[0]!, clients)]
    if (seen[0]) note(`plain dgram, dnsperf with ${clients} (mean time)`, seen[0])
    if (seen[1]) note(`resolver, dnsperf with ${clients} (mean time)`, seen[1])
  }
  note('plain dgram, one name, 1 client', ask([plain], { window: 64 }))
  note('resolver, one name, 1 client', ask(boxes.slice(0, 1), { window: 64 }))
  note('plain dgram, one name, 4 clients', ask([plain], { sockets: 4 }))
  note('resolver, one name, 4 clients', ask(boxes.slice(0, 1), { sockets: 4 }))
  note('resolver, 100 names, 100 containers', ask(boxes, { window: 2, names }))
  note('plain dgram, one at a time', ask([plain], { window: 1, turns: true }))
  note('resolver, one at a time, 100 containers in turn', ask(boxes, { window: 1, turns: true, names }))
}
console.log(`${''.padEnd(48)} ${'queries/s'.padStart(10)} ${'median'.padStart(8)} ${'p99 ms'.padStart(8)}`)
for (const [what, seen] of results) {
  const cells = [
    Math.round(median(seen.map(({ perSecond }) => perSecond)))
      .toString()
      .padStart(10),
    median(seen.map(({ medianMs }) => medianMs))
      .toFixed(3)
      .padStart(8),
    median(seen.map(({ p99Ms }) => p99Ms))
      .toFixed(3)
      .padStart(8),
  ]
  console.log(what.padEnd(48), ...cells)
}
console.log(`put-sandbox: first ${puts[0]!.toFixed(2)} ms, median ${median(puts).toFixed(2)} ms`)
console.log(`memory: idle ${idle}; after the load ${memory(resolver.process.pid!)}`)
floor.kill('SIGTERM')
await once(floor, 'exit')
