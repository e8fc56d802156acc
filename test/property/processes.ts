import { readFileSync } from 'node:fs'
import { groupFilesOfProcess } from '../support/cgroup-files.ts'
import { type Container, containersOf, type Model } from './model.ts'

/** The files of a limit: controller, name in version 1, name in version 2. */
const files: Readonly<Record<'Memory' | 'PidsLimit', [string, string, string]>> = {
  Memory: ['memory', 'memory.limit_in_bytes', 'memory.max'],
  PidsLimit: ['pids', 'pids.max', 'pids.max'],
}

/** What the kernel must say of the process of a container that runs, one line each, as `lookAtProcesses` sees it. */
export function wantedOfProcess({ volumes }: Model, container: Container): string[] {
  const { name, status, limits } = container
  if (status !== 'running') return []
  return [
    ...Object.entries(container.volumes).map(([target, one]) => `${name} has ${volumes[one]!.name} at ${target}`),
    ...limitsOf(container).map(([limit]) => `${name} ${limit} ${limits[limit]}`),
  ]
}

/** The volumes that are mounted in each container, and the limits of those that have some. */
export function lookAtProcesses(model: Model): string[] {
  return containersOf(model).flatMap((container) => {
    const { name, pid } = container
    if (pid === undefined) return []
    const groups = groupFilesOfProcess(pid)
    return [
      ...volumesIn(pid).map(([volume, target]) => `${name} has ${volume} at ${target}`),
      ...limitsOf(container).map(([limit]) => `${name} ${limit} ${groups.read(...files[limit])}`),
    ]
  })
}

function limitsOf({ limits }: Container): ['Memory' | 'PidsLimit', number][] {
  return (['Memory', 'PidsLimit'] as const).flatMap((limit) => (limits[limit] ? [[limit, limits[limit]]] : []))
}

function volumesIn(pid: number): [volume: string, target: string][] {
  return readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, , , root = '', target = ''] = line.split(' ')
      const [, volume] = /\/volumes\/([^/]+)\/_data$/.exec(root) ?? []
      return volume === undefined ? [] : [[volume, target]]
    })
}
