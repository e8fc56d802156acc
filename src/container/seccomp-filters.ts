import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OciSeccomp } from './bundle/oci.ts'

/** Different filters in use at one time are few: each needs a set of capabilities of its own. */
const mostKept = 64

/**
 * Compiled system call filters, kept for the next container that wants the same one.
 *
 * Compiling takes the runtime longer than everything else in making a container. crun leaves the result in its
 * records, and takes it back as an annotation; other runtimes leave nothing, and nothing changes for them.
 *
 * @source crun(1), `run.oci.seccomp_bpf_data`
 */
export class SeccompFilters {
  readonly #runtimeRoot: string
  readonly #compiled = new Map<string, string>()

  /** @param runtimeRoot  directory of the runtime's records */
  constructor(runtimeRoot: string) {
    this.#runtimeRoot = runtimeRoot
  }

  /** Annotations that give the runtime the compiled filter; none when there is none yet. */
  annotationsFor(seccomp: OciSeccomp | undefined): Readonly<Record<string, string>> {
    const compiled = seccomp && this.#compiled.get(JSON.stringify(seccomp))
    return compiled === undefined ? {} : { 'run.oci.seccomp_bpf_data': compiled }
  }

  /** Keeps what the runtime compiled for a container that it has just made. */
  remember(containerId: string, seccomp: OciSeccomp | undefined): void {
    const key = seccomp && JSON.stringify(seccomp)
    if (key === undefined || this.#compiled.has(key)) return
    const path = join(this.#runtimeRoot, containerId, 'seccomp.bpf')
    if (!existsSync(path)) return
    if (this.#compiled.size >= mostKept) this.#compiled.clear()
    this.#compiled.set(key, readFileSync(path, 'base64'))
  }
}
