import { mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { BuildParts } from '../build-image.ts'
import { prepareTools, type Tools } from '../tool.ts'

/** Removes the working containers of builds that were cut short. Nobody may build meanwhile. */
export async function removeWorkingContainers(parts: BuildParts): Promise<void> {
  const left = parts.storage.containers()
  if (left.length === 0) return
  // By their ids: "--all" passes over those that a kill has hit before they were buildah's.
  await withTools(parts, (tools) => runBuildah(tools, ['rm', ...left]))
}

/** Lends tools for some work beside all builds. */
export async function withTools<T>(
  { storage, places, imageDir }: BuildParts,
  work: (tools: Tools) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(places.dir, 'work', 'tidy-'))
  try {
    return await work(prepareTools({ storage, dir, imageDir }))
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Runs one command of buildah to its end. @throws {EngineError} `internal` with its last words */
export async function runBuildah(tools: Tools, args: readonly string[]): Promise<void> {
  await using child = tools.buildah(args, new AbortController().signal)
  child.process.stdout.resume()
  const { status, stderr } = await child.end
  if (status !== 0) throw new EngineError('internal', stderr.trim().split('\n').at(-1) ?? `buildah ends with ${status}`)
}
