import { randomUUID } from 'node:crypto'
import { accessSync, constants, globSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { engineGroups, findLeftovers, removeEngineGroups, removeLeftovers } from './leftovers.ts'
import { type FileTime, nameSlowest, orderFiles } from './test-order.ts'

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

/** What each word after `wharf test` means: the units beside the source, and a folder of test/ each. */
const groups: ReadonlyMap<string, readonly string[]> = new Map([
  ['unit', ['src/**/*.test.ts', 'tools/**/*.test.ts', 'demo/**/*.test.ts', 'bench/**/*.test.ts']],
  ...readdirSync('test')
    .filter((name) => name !== 'support' && name !== 'fixtures')
    .map((name): [string, string[]] => [name, [`test/${name}/**/*.test.ts`]]),
])

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

/** Files for the virtual machine only: there `test/vm/vm.test.ts` runs them. */
const guestFolder = 'test/vm/guest/'
const guestRunner = 'test/vm/vm.test.ts'
/** That file is all of the guest's files, on an emulated processor; it has deadlines of its own. Milliseconds. */
const guestMs = 20 * minute

/** The files to run, each once: of whole groups, or named. None named: all groups. */
function chooseFiles(names: readonly string[]): string[] {
  const files = (names.length > 0 ? names : [...groups.keys()]).flatMap((name) => {
    const found = globSync([...(groups.get(name) ?? [name])])
      .filter(isForThisMachine)
      .sort()
    if (found.length === 0 && !groups.has(name)) {
      throw new Error(
        `there is no test "${name}"; wharf test [-t TEXT] [${[...groups.keys()].join(' | ')} | nightly | FILE]...`,
      )
    }
    return found
  })
  return orderFiles([...new Set(files)])
}

function isForThisMachine(path: string): boolean {
  return !path.startsWith(guestFolder)
}

/** A guest's file that is named: the virtual machine runs that one and no other. */
function sendToGuest(names: readonly string[]): string[] {
  const forGuest = names.filter((name) => name.startsWith(guestFolder))
  if (forGuest.length === 0) return [...names]
  process.env['WHARF_VM_FILES'] = forGuest.join(',')
  return [...names.filter((name) => !forGuest.includes(name)), guestRunner]
}

/** `-t TEXT` chooses tests by their name; every other word is a group or a file. */
function parseWords(words: readonly string[]): { names: string[]; pattern: string | undefined } {
  const at = words.indexOf('-t')
  if (at === -1) return { names: [...words], pattern: undefined }
  return { names: words.toSpliced(at, 2), pattern: words[at + 1] }
}

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
    concurrency: Math.max(2, availableParallelism()),
    timeout: files.includes(guestRunner) ? Math.max(longest.file, guestMs) : longest.file,
    signal: AbortSignal.timeout(longest.run),
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
