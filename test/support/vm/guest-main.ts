import { execFileSync } from 'node:child_process'
import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs'
import { release } from 'node:os'
import { relative, resolve } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import type { GuestEvent, GuestFile, GuestOrder } from './guest-events.ts'

/** Milliseconds that one file may take: under emulation, everything takes about ten times as long. */
const fileMs = 360_000

const port = openPort()

/** Says something to the host: one line of JSON. */
function say(event: GuestEvent): void {
  const line = Buffer.from(`${JSON.stringify(event)}\n`)
  for (let at = 0; at < line.length; ) at += writeSync(port, line, at)
}

function openPort(): number {
  const [device] = readdirSync('/sys/class/virtio-ports')
  return openSync(`/dev/${device}`, 'w')
}

/** The modules that a file names in its first line. A missing one fails the file, not only the tests that need it. */
function missingModules({ modules }: GuestFile): string | undefined {
  try {
    if (modules.length > 0) execFileSync('modprobe', ['-a', ...modules], { stdio: ['ignore', 'ignore', 'pipe'] })
    return undefined
  } catch (error) {
    return String(error)
  }
}

async function runFile({ path }: GuestFile, pattern: string | undefined): Promise<void> {
  const stream = run({
    files: [resolve(path)],
    timeout: fileMs,
    ...(pattern !== undefined && { testNamePatterns: [pattern] }),
  })
  const outcome = (name: string, durationMs: number, more: { skip?: string; error?: string }): void =>
    say({ type: 'outcome', file: path, name, durationMs, ...more })
  stream.on('test:pass', ({ name, nesting, skip, details }) => {
    const isWholeFile = relative('.', name) === path
    if (nesting === 0 && !isWholeFile) {
      outcome(name, details.duration_ms, skip === undefined ? {} : { skip: String(skip) })
    }
  })
  stream.on('test:fail', ({ name, details }) => outcome(name, details.duration_ms, { error: told(details.error) }))
  for await (const { type, data } of stream) {
    if (type === 'test:stdout' || type === 'test:stderr') process.stdout.write(data.message)
  }
}

function told(error: Error): string {
  return inspect(error.cause ?? error, { depth: 6 })
}

async function main(): Promise<void> {
  const { files, pattern } = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as GuestOrder
  const uptimeS = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  say({ type: 'ready', kernel: release(), uptimeS })
  for (const file of files) {
    const error = missingModules(file)
    if (error === undefined) await runFile(file, pattern)
    else say({ type: 'outcome', file: file.path, name: file.path, durationMs: 0, error })
  }
  say({ type: 'done' })
}

await main()
