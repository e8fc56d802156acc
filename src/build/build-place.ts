import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { cgroupProcesses, removeCgroup } from '../kernel/cgroups/cgroups.ts'

/** Where builds have their files: all below one directory of the data root. */
export interface BuildPlaces {
  /** `<data root>/build` */
  readonly dir: string
  /** Control group below which each build has its own: `/wharf`. */
  readonly cgroupParent: string
}

/** What one build has while it goes on. */
export interface BuildPlace {
  readonly dir: string
  readonly context: string
  readonly cgroup: string
}

/** The storage of buildah: what is cached. */
export function storageDir({ dir }: BuildPlaces): string {
  return join(dir, 'storage')
}

/** Plans where a build has its files. */
export function placeOf({ dir, cgroupParent }: BuildPlaces, id: string, parent = cgroupParent): BuildPlace {
  const own = join(dir, 'work', id.slice(0, 12))
  return { dir: own, context: join(own, 'context'), cgroup: join('/', parent, `build-${id.slice(0, 12)}`) }
}

/** Makes the directory of a build. */
export function makePlace({ dir, context, cgroup }: BuildPlace): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  writeFileSync(join(dir, 'cgroup'), cgroup)
  mkdirSync(context, { mode: 0o755 })
}

/** Removes all files of a build, and its control group with whoever is still in it. Absent is success. */
export async function removePlace({ dir, cgroup }: BuildPlace): Promise<void> {
  await removeBuildCgroup(cgroup)
  await rm(dir, { recursive: true, force: true, maxRetries: 2 })
}

/** What builds left that a dead engine did not end. */
export function unfinishedBuilds(places: BuildPlaces): readonly BuildPlace[] {
  const work = join(places.dir, 'work')
  mkdirSync(work, { recursive: true, mode: 0o700 })
  return readdirSync(work).map((name) => {
    const place = { ...placeOf(places, name), dir: join(work, name) }
    const file = join(place.dir, 'cgroup')
    return existsSync(file) ? { ...place, cgroup: readFileSync(file, 'utf8') || place.cgroup } : place
  })
}

/** Its processes have ended with their namespace; the kernel takes a moment to let go of the group. */
async function removeBuildCgroup(cgroup: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    for (const pid of cgroupProcesses(cgroup)) killIfThere(pid)
    try {
      removeCgroup(cgroup)
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EBUSY' || tries === 100) throw error
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
