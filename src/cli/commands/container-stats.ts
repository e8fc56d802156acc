import { containerStats, listContainers } from '../../client/containers.ts'
import { ApiError } from '../../client/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { ExitError } from '../errors.ts'
import { describeFailure } from '../failures.ts'
import { listFormatFlag, noTruncFlag } from '../flags/common-flags.ts'
import { type ListLayout, renderList } from '../format/list.ts'
import { followAll, followNamed, type KnownStats } from '../stats/follow-stats.ts'
import { showTable } from '../stats/live-table.ts'
import { statsRow } from '../stats/stats-row.ts'

const layout: ListLayout = {
  table: '{{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t{{.BlockIO}}\t{{.PIDs}}',
  quiet: '{{.ID}}',
  headings: {
    Container: 'CONTAINER',
    ID: 'CONTAINER ID',
    Name: 'NAME',
    CPUPerc: 'CPU %',
    MemUsage: 'MEM USAGE / LIMIT',
    MemPerc: 'MEM %',
    NetIO: 'NET I/O',
    BlockIO: 'BLOCK I/O',
    PIDs: 'PIDS',
  },
}

/** How often a live table is shown. */
const refreshMs = 500

/** `wharf stats`. */
export const command: Command = {
  usage: '[OPTIONS] [CONTAINER...]',
  arguments: { min: 0 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Show all containers (default shows just running)' },
    listFormatFlag,
    { name: 'no-stream', kind: 'bool', help: 'Disable streaming stats and only pull the first result' },
    noTruncFlag,
  ],
  examples: ['wharf stats', 'wharf stats --no-stream web db', "wharf stats --format '{{.Name}}: {{.NetIO}}'"],
  completes: 'running',
  async run(context) {
    await (context.flags.on('no-stream') ? showOnce(context) : showLive(context))
    return 0
  },
}

/** @throws {ExitError} 1, naming those that do not exist */
async function showOnce(context: CommandContext): Promise<void> {
  const { args, flags, transport } = context
  const listed = args.length > 0 ? [] : await listContainers(transport, { all: flags.on('all') })
  const names = args.length > 0 ? args : listed.map(({ Id }) => Id)
  const known: KnownStats = new Map(names.map((name) => [name, { stats: undefined }]))
  const failures: unknown[] = []
  const readings = names.map(async (name) => {
    try {
      for await (const stats of containerStats(transport, name, false)) known.set(name, { stats })
    } catch (error) {
      // One that was listed may be gone by now: that is no failure of anybody's.
      if (args.length === 0 && error instanceof ApiError && error.status === 404) known.delete(name)
      else failures.push(error)
    }
  })
  await Promise.all(readings)
  if (failures.length > 0) throw failureOf(failures)
  context.terminal.stdout.write(render(context, known))
}

/** @throws {ExitError} 1, naming those that do not exist */
async function showLive(context: CommandContext): Promise<void> {
  const { args, env, flags, terminal, transport } = context
  const coloured = !env['NO_COLOR']
  const known: KnownStats = new Map()
  let shown = ''
  const show = () => {
    const table = render(context, known)
    if (table !== shown) showTable(terminal, table, coloured)
    shown = table
  }
  const followed = args.length > 0 ? followNamed(transport, args, known) : followAll(transport, flags.on('all'), known)
  if (terminal.stdout.isTTY === true) terminal.stdout.write('\x1b[2J')
  const timer = setInterval(show, refreshMs)
  try {
    await followed
  } catch (error) {
    throw error instanceof AggregateError ? failureOf(error.errors) : error
  } finally {
    clearInterval(timer)
  }
}

function failureOf(failures: readonly unknown[]): ExitError {
  return new ExitError(1, failures.map(describeFailure).join('\n'))
}

function render({ flags, args }: CommandContext, known: KnownStats): string {
  const full = flags.on('no-trunc')
  const called = (name: string) => (args.length > 0 || full ? name : name.slice(0, 12))
  const rows = Array.from(known, ([name, { stats }]) => statsRow(called(name), stats, full))
  return renderList(rows, layout, flags.text('format'), false)
}
