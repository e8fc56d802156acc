import { existsSync, readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ContainerParts } from '../container-parts.ts'
import { removeRootfs } from '../rootfs.ts'

/** Removes the directories of containers that were never recorded: an engine was killed while it made them. */
export async function removeForgottenFiles({
  table,
  pathsOf,
}: Pick<ContainerParts, 'table' | 'pathsOf'>): Promise<void> {
  const parent = dirname(pathsOf('any').dir)
  const names = existsSync(parent) ? readdirSync(parent) : []
  const forgotten = names.filter((name) => /^[0-9a-f]{64}$/.test(name) && table.get(name) === undefined)
  await Promise.all(
    forgotten.map(async (name) => {
      await removeRootfs(pathsOf(name)) // it is mounted while an image's files are copied into volumes
      await rm(join(parent, name), { recursive: true, force: true })
    }),
  )
}
