import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { cgroupsOf, mountsOf, processesOf } from '../support/sweep.ts'
import type { World } from './world.ts'

/**
 * All that an engine could leave behind, one line each: links, addresses, rules, sockets, processes, mounts, control
 * groups, files, records and descriptors.
 */
export async function belongings(world: World): Promise<string[]> {
  const { root } = world.daemon
  const { stdout: links } = await world.sh('ip -j address')
  const { stdout: rest } = await world.sh('nft -s list ruleset; ss -Hlntu')
  return [
    ...JSON.parse(links).flatMap(linkLines),
    ...rest.split('\n').map((line) => line.replaceAll(/\s+/g, ' ').trim()),
    ...processesOf(root).map(({ command }) => `process ${command}`),
    ...mountsOf(root).map((path) => `mount ${path}`),
    ...cgroups(world),
    ...entries(join(root, 'data/containers')).map((name) => `files of container ${name}`),
    ...entries(join(root, 'data/volumes')).map((name) => `files of volume ${name}`),
    ...entries(join(root, 'run/netns')).map((name) => `namespace ${name}`),
    ...records(join(root, 'data')),
    ...descriptors('daemon', world.daemon.pid),
    ...descriptors('resolver', world.resolver()),
  ].filter((line) => line !== '')
}

function linkLines({ ifname, addr_info }: { ifname: string; addr_info: { scope: string; local: string }[] }): string[] {
  const own = addr_info.filter(({ scope }) => scope === 'global')
  return [`link ${ifname}`, ...own.map(({ local }) => `address ${local} of ${ifname}`)]
}

/** What is there now and was not before, or the other way; fewer descriptors are no leak, and the resolver starts when needed. */
export function leftBehind(before: readonly string[], now: readonly string[]): string[] {
  const rest = [...before]
  const more = now.filter((line) => {
    const at = rest.indexOf(line)
    if (at >= 0) rest.splice(at, 1)
    return at < 0
  })
  const gone = rest.filter((line) => !/^(descriptor|process) /.test(line))
  return [...more.map((line) => `left behind: ${line}`), ...gone.map((line) => `gone: ${line}`)]
}

/** Those of containers that this engine made: other engines' are beside them. */
function cgroups({ known }: World): string[] {
  return cgroupsOf('/wharf/')
    .filter((path) => known.has(basename(path)))
    .map((path) => `control group ${path}`)
}

/** Images are the test's own, and past events are kept on purpose. */
function records(data: string): string[] {
  using database = new DatabaseSync(join(data, 'wharf.db'), { readOnly: true })
  const rows = database
    .prepare("SELECT collection, key FROM record WHERE collection NOT LIKE '%image%' AND collection NOT LIKE 'event-%'")
    .all()
  return rows.map(({ collection, key }) => `record ${collection} ${key}`)
}

function descriptors(who: string, pid: number | undefined): string[] {
  if (pid === undefined) return []
  return entries(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return [`descriptor of ${who}: ${readlinkSync(`/proc/${pid}/fd/${fd}`).replace(/\d+/g, '#')}`]
    } catch {
      return [] // closed meanwhile
    }
  })
}

function entries(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : []
}
