import { pruneContainers } from '../../client/containers.ts'
import { ApiError } from '../../client/errors.ts'
import { pruneImages } from '../../client/images.ts'
import { pruneNetworks } from '../../client/networks.ts'
import { pruneBuildCache } from '../../client/system.ts'
import type { Transport } from '../../client/transport.ts'
import { pruneVolumes } from '../../client/volumes.ts'
import type { Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { ExitError } from '../errors.ts'
import { longFilterFlag } from '../flags/common-flags.ts'
import { humanSize } from '../format/units.ts'
import { printLine } from '../terminal.ts'

/** `wharf system prune`. */
export const command: Command = {
  usage: '[OPTIONS]',
  arguments: { min: 0, max: 0 },
  flags: [
    { name: 'all', short: 'a', kind: 'bool', help: 'Remove all unused images not just dangling ones' },
    longFilterFlag,
    { name: 'force', short: 'f', kind: 'bool', help: 'Do not prompt for confirmation' },
    { name: 'volumes', kind: 'bool', help: 'Prune anonymous volumes' },
  ],
  examples: ['wharf system prune -f', 'wharf system prune -a --volumes'],
  async run({ flags, terminal, transport }) {
    const wish = { all: flags.on('all'), volumes: flags.on('volumes'), filters: flags.list('filter') }
    if (wish.volumes && wish.filters.some((word) => word.startsWith('until='))) {
      throw new ExitError(1, 'ERROR: The "until" filter is not supported with "--volumes"')
    }
    if (!flags.on('force') && !(await confirm(terminal, question(wish)))) return 0
    let bytes = 0
    for (const prune of [containers, networks, ...(wish.volumes ? [volumes] : []), images, buildCache]) {
      const { title, lines, reclaimed = 0 } = await prune(transport, wish)
      if (lines.length > 0) terminal.stdout.write(`${title}:\n${lines.join('\n')}\n\n`)
      bytes += reclaimed
    }
    printLine(terminal.stdout, `Total reclaimed space: ${humanSize(bytes)}`)
    return 0
  },
}

interface Wish {
  readonly all: boolean
  readonly volumes: boolean
  readonly filters: readonly string[]
}

/** What one kind of prune did. */
interface Pruned {
  readonly title: string
  readonly lines: readonly string[]
  readonly reclaimed?: number | undefined
}

function question({ all, volumes: withVolumes, filters }: Wish): string {
  const items = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(withVolumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ]
  const filtered = filters.toSorted().map((filter) => `  - ${filter}\n`)
  const below = filtered.length > 0 ? `\n  Items to be pruned will be filtered with:\n${filtered.join('')}` : ''
  return `WARNING! This will remove:\n${items.map((item) => `  - ${item}\n`).join('')}${below}`
}

async function containers(transport: Transport, { filters }: Wish): Promise<Pruned> {
  const { ContainersDeleted, SpaceReclaimed } = await pruneContainers(transport, filters)
  return { title: 'Deleted Containers', lines: ContainersDeleted ?? [], reclaimed: SpaceReclaimed }
}

async function networks(transport: Transport, { filters }: Wish): Promise<Pruned> {
  const { NetworksDeleted } = await pruneNetworks(transport, filters)
  return { title: 'Deleted Networks', lines: NetworksDeleted ?? [] }
}

async function volumes(transport: Transport, { filters }: Wish): Promise<Pruned> {
  const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(transport, filters)
  return { title: 'Deleted Volumes', lines: VolumesDeleted ?? [], reclaimed: SpaceReclaimed }
}

async function images(transport: Transport, { all, filters }: Wish): Promise<Pruned> {
  const { ImagesDeleted, SpaceReclaimed } = await pruneImages(transport, [...filters, `dangling=${!all}`])
  const lines = (ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
    Untagged ? `untagged: ${Untagged}` : `deleted: ${Deleted}`,
  )
  return { title: 'Deleted Images', lines, reclaimed: SpaceReclaimed }
}

async function buildCache(transport: Transport, { all, filters }: Wish): Promise<Pruned> {
  const title = 'Deleted build cache objects'
  // The cache knows of ages only: what a label is to choose there is nothing of.
  if (filters.some((word) => word.startsWith('label'))) return { title, lines: [] }
  try {
    const { CachesDeleted, SpaceReclaimed } = await pruneBuildCache(transport, { all, filters })
    return { title, lines: CachesDeleted ?? [], reclaimed: SpaceReclaimed }
  } catch (error) {
    if (error instanceof ApiError && error.status === 501) return { title, lines: [] } // it cannot build
    throw error
  }
}
