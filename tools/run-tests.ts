import { randomUUID } from 'node:crypto'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { chooseFiles, guestRunner, parseWords, sendToGuest } from './choose-tests.ts'
import { engineGroups, findLeftovers, removeEngineGroups, removeLeftovers } from './leftovers.ts'
import { type FileTime, nameSlowest } from './test-order.ts'

const minute = 60_000

const help = `wharf test [-t TEXT] [WHAT...]

  nothing    every test
  unit, kernel, api, property, ...: the units beside the source, or one folder of test/
  vm         what takes a kernel that this machine may not have, in a virtual machine; also --vm
  FILE       one file
  nightly    the property test with 1000 random sequences of operations instead of 50
  -t TEXT    only tests whose name matches

The property test prints its seed. PROPERTY_SEED=N runs the same sequences again, PROPERTY_PATH=P, which a failure prints
as well, only the one that failed; PROPERTY_RUNS=N says how many, PROPERTY_LANES=N how many beside each other.`

/** Milliseconds that a run, and one file of it, may take. */
const ordinary = { run: 40 * minute, file: 10 * minute }
const nightly = { run: 240 * minute, file: 240 * minute }

/** How many of the slowest files a run names at its end. */
const slowest = 20

/** Programs that the tests use as witnesses and as clients. */
const witnesses = [
  'docker',
  'docker-compose',
  'crun',
  'conmon',
  'skopeo',
  'ip',
  'nft',
  'dig',
  'ping',
  'curl',
  'tcpdump',
  'docker-registry',
  'etcd',
  'etcdctl',
  'qemu-system-x86_64',
  'modprobe',
]

/** That file is all of the guest's files, on an emulated processor; it has deadlines of its own. Milliseconds. */
const guestMs = 20 * minute

/** What this machine lacks, so that nobody takes a skip for a pass. */
function missing(): string[] {
  const path = (process.env['PATH'] ?? '').split(':')
  const absent = witnesses.filter((program) => !path.some((dir) => isExecutable(join(dir, program))))
  return [
    ...(process.getuid?.() === 0 ? [] : ['root: tests of the kernel and of the engine are skipped']),
    ...absent.map((program) => `the program ${program}`),
  ]
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Runs the files and prints node's own report. @returns how many tests failed, why others were skipped, and times */
async function runFiles(
  files: string[],
  pattern: string | undefined,
  longest: typeof ordinary,
): Promise<{ failed: number; skips: string[]; times: FileTime[] }> {
  const stream = run({
    files,
    concurrency: Math.max(2, availableParallelism()) + 1, // two thirds of their time they wait, for the kernel or a period
    timeout: files.includes(guestRunner) ? Math.max(longest.file, guestMs) : longest.file,
    signal: AbortSignal.any([AbortSignal.timeout(longest.run), interruption()]),
    ...(pattern === undefined ? {} : { testNamePatterns: [pattern] }),
  })
  let failed = 0
  const skips: string[] = []
  const times: FileTime[] = []
  stream.on('test:fail', ({ todo }) => {
    if (todo === undefined) failed++
  })
  stream.on('test:pass', ({ name, skip }) => {
    if (skip !== undefined) skips.push(`${name}: ${skip}`)
  })
  stream.on('test:summary', ({ file, duration_ms }) => {
    if (file !== undefined) times.push({ file: relative('.', file), ms: duration_ms })
  })
  const report = stream.compose(spec)
  for await (const text of report) process.stdout.write(text as Buffer)
  return { failed, skips, times }
}

/** Aborted by the first Ctrl-C: what the tests have started is swept then as after any other run. */
function interruption(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      console.log(`${signal}: ends the tests, and removes what they have started`)
      interrupted.abort()
    })
  }
  return interrupted.signal
}

async function main(): Promise<number> {
  const { names, pattern } = parseWords(process.argv.slice(2))
  if (names.some((name) => name === '-h' || name === '--help')) {
    console.log(help)
    return 0
  }
  const isNightly = names.includes('nightly')
  if (isNightly) process.env['PROPERTY_RUNS'] ??= '1000'
  const synonyms: Readonly<Record<string, string>> = { nightly: 'property', '--vm': 'vm' }
  const files = chooseFiles(sendToGuest(names.map((name) => synonyms[name] ?? name)))
  for (const lack of missing()) console.log(`this machine lacks ${lack}`)

  // Everything that the tests start carries this mark, and everything that they write is in one directory: what is
  // left afterwards is theirs, whatever else this machine is doing.
  const directory = mkdtempSync(join(tmpdir(), 'wt-'))
  const run = randomUUID()
  process.env['TMPDIR'] = directory
  process.env['WHARF_TEST_RUN'] = run
  const before = findLeftovers(directory, `WHARF_TEST_RUN=${run}`)
  const groups = engineGroups()
  const { failed, skips, times } = await runFiles(files, pattern, isNightly ? nightly : ordinary)
  const left = [...findLeftovers(directory, `WHARF_TEST_RUN=${run}`)].filter((line) => !before.has(line))

  if (times.length > slowest) console.log(`slowest: ${nameSlowest(times, slowest)}`)
  for (const skip of skips) console.log(`skipped: ${skip}`)
  for (const line of left) console.log(`left behind: ${line}`)
  removeLeftovers(left)
  removeEngineGroups(groups)
  rmSync(directory, { recursive: true, force: true })
  return failed === 0 && left.length === 0 ? 0 : 1
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: Error) => {
    console.error(`wharf test: ${error.message}`)
    process.exitCode = 1
  },
)
