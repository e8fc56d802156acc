import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cli } from './docker.ts'

const root = '/sys/fs/cgroup'

/** The control groups of a container, as the kernel shows them: a witness that shares no code with us. */
export interface GroupFiles {
  /** The text of a file of version 1, by its controller, or of version 2. */
  read(controller: string, version1: string, version2: string): string
  /** From the root of the hierarchy. */
  path(controller: string): string
  /** Writes a file that both versions have. */
  write(controller: string, name: string, value: string): void
  /** The value of one line `"key value"`. */
  counter(controller: string, version1: string, version2: string, key: string): number
}

/** Whether this machine has nothing but version 2. */
export const isUnified = existsSync(join(root, 'cgroup.controllers'))

/** Finds the control groups of a running container by its first process. */
export async function groupFilesOf(client: Cli, container: string): Promise<GroupFiles> {
  return groupFilesOfProcess(Number(await client.ok('inspect', '-f', '{{.State.Pid}}', container)))
}

/** The control groups that a process is in. */
export function groupFilesOfProcess(pid: number): GroupFiles {
  const groups = new Map(
    readFileSync(`/proc/${pid}/cgroup`, 'utf8')
      .trim()
      .split('\n')
      .flatMap((line) => {
        const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? []
        return controllers.split(',').map((name): [string, string] => [name, path])
      }),
  )
  const pathOf = (controller: string) => groups.get(isUnified ? '' : controller)!
  const fileOf = (controller: string, name: string) => join(root, isUnified ? '' : controller, pathOf(controller), name)
  const read = (controller: string, version1: string, version2: string) =>
    readFileSync(fileOf(controller, isUnified ? version2 : version1), 'utf8').trim()
  return {
    read,
    path: pathOf,
    write: (controller, name, value) => writeFileSync(fileOf(controller, name), value),
    counter(controller, version1, version2, key) {
      const text = read(controller, version1, version2)
      return Number(new RegExp(`^${key} (\\d+)$`, 'm').exec(text)?.[1])
    },
  }
}
