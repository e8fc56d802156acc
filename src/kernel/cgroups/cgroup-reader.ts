import { join } from 'node:path'
import { hasCode } from '../../base/errors.ts'
import { type KeptFile, keepFileIfThere } from '../files/kept-file.ts'
import { cgroupRoot } from './cgroup-root.ts'
import { type CgroupMode, cgroupMode } from './cgroups.ts'
import { type CgroupTexts, counterFiles } from './counter-files.ts'
import type { CgroupCounters } from './counters.ts'
import { parseStatV1, parseStatV2 } from './parse-counters.ts'

/**
 * Reads the counters of one control group. It keeps the files open, so that each costs one system call; the group may be
 * removed meanwhile.
 *
 * @source Documentation/admin-guide/cgroup-v1/, Documentation/admin-guide/cgroup-v2.rst
 */
export class CgroupReader implements Disposable {
  readonly #version: 1 | 2
  readonly #files: readonly (readonly [name: string, file: KeptFile])[]
  readonly #blank: Readonly<Record<string, string>>
  readonly #owned = new DisposableStack()

  /** @param path  from the root of the hierarchies: `"/wharf/0123…"` */
  constructor(path: string, mode: CgroupMode = cgroupMode()) {
    this.#version = mode === 'unified' ? 2 : 1
    using undo = new DisposableStack()
    const entries = Object.entries<readonly [string, string]>(counterFiles[this.#version])
    this.#blank = Object.fromEntries(entries.map(([name]) => [name, '']))
    this.#files = entries.flatMap(([name, [controller, file]]) => {
      const kept = keepFileIfThere(join(cgroupRoot, controller, path, file))
      return kept === undefined ? [] : [[name, undo.use(kept)] as const]
    })
    this.#owned.use(undo.move())
  }

  /** What was used until now; undefined when there is no such group, or not any more. */
  read(): CgroupCounters | undefined {
    if (this.#files.length === 0) return undefined
    const texts: Record<string, string> = { ...this.#blank }
    try {
      for (const [name, file] of this.#files) texts[name] = file.read()
    } catch (error) {
      if (hasCode(error, 'ENODEV')) return undefined
      throw error
    }
    // The names are those of the table above.
    return this.#version === 2 ? parseStatV2(texts as CgroupTexts<2>) : parseStatV1(texts as CgroupTexts<1>)
  }

  [Symbol.dispose](): void {
    this.#owned.dispose()
  }
}
