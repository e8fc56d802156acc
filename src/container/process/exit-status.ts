import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { rfc3339Now } from '../../base/clock.ts'
import type { ContainerPaths, ContainerRecord } from '../model.ts'
import { conmonFiles } from './conmon.ts'

/** How a container ended, as its supervisor saw it. */
export interface Exit {
  readonly exitCode: number
  readonly oomKilled: boolean
  /** RFC 3339 with nanoseconds. */
  readonly finishedAt: string
}

/** The file's name. */
export const outOfMemoryFile = 'oom'

/** The exit code of a container whose supervisor could not tell: it was killed. */
const killed = 137

/** Reads what conmon wrote at the end; undefined when it wrote nothing. */
export function readExit({ id }: ContainerRecord, { runDir }: ContainerPaths): Exit | undefined {
  const path = join(runDir, conmonFiles.exitDir, id)
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return undefined
  const exitCode = Number.parseInt(readFileSync(path, 'utf8'), 10)
  return {
    exitCode: Number.isNaN(exitCode) ? killed : exitCode,
    oomKilled: ranOutOfMemory(runDir),
    finishedAt: Temporal.Instant.fromEpochNanoseconds(stats.mtimeNs).toString({ fractionalSecondDigits: 9 }),
  }
}

/** The end of a container that nobody saw. */
export function unseenExit({ runDir }: ContainerPaths): Exit {
  return { exitCode: killed, oomKilled: ranOutOfMemory(runDir), finishedAt: rfc3339Now() }
}

/** conmon makes an empty file in its directory when the kernel killed one of the container's processes. */
export function ranOutOfMemory(runDir: string): boolean {
  return existsSync(join(runDir, outOfMemoryFile))
}
