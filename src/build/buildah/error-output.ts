/** Characters of a failure's words that are kept. */
const longestKept = 16 * 1024

const runtimeFault = /^error running container: from \S+ creating container for \[.*\]: (.*)\n?$/s

/** What buildah says of a failure. */
export interface LastWords {
  /** `Error: building at STEP "RUN false": …`; `""`: nothing. */
  readonly words: string
  /** Why the runtime did not start a command. */
  readonly fault: string | undefined
}

/**
 * What commands and buildah print on stderr. Docker shows it in red, and tells of the failure apart from it, so what may
 * be buildah's last words is held back until more comes.
 */
export class ErrorOutput {
  #line = ''
  #held = ''
  #fault: string | undefined

  /** @returns what to tell the client, in order */
  write(text: string): readonly string[] {
    const all = this.#line + text
    const end = all.lastIndexOf('\n') + 1
    this.#line = all.slice(end)
    const told = [...this.#takeAll(all.slice(0, end))]
    if (this.#held === '' && this.#line !== '' && !mayBegin(this.#line)) {
      told.push(red(this.#line))
      this.#line = ''
    }
    return told
  }

  /** What was held back when the output ended. */
  end(): LastWords & { readonly told: readonly string[] } {
    const told = this.#line === '' ? [] : this.#take(this.#line)
    return { told, words: this.#held.trim(), fault: this.#fault }
  }

  /** Floods go through in one piece, as they came. */
  #takeAll(lines: string): readonly string[] {
    if (lines === '') return []
    if (this.#held === '' && !/^Error: |^error running container|^: exit status/m.test(lines)) return [red(lines)]
    return lines
      .slice(0, -1)
      .split('\n')
      .flatMap((line) => this.#take(`${line}\n`))
  }

  #take(line: string): readonly string[] {
    const fault = runtimeFault.exec(line)
    if (fault !== null) this.#fault = fault[1]!
    if (fault !== null || (this.#fault !== undefined && /^: exit status \d+$/.test(line.trimEnd()))) return []
    const before = this.#held
    if (/^Error: building at STEP /.test(before) && before.length + line.length < longestKept) {
      this.#held += line // the words of a failure may have several lines
      return []
    }
    const begins = line.startsWith('Error: ')
    this.#held = begins ? line : ''
    return [...(before === '' ? [] : [red(before)]), ...(begins ? [] : [red(line)])]
  }
}

function mayBegin(line: string): boolean {
  return line.length < longestKept && ('Error: '.startsWith(line) || line.startsWith('Error: '))
}

/** As the classic builder marks what a command writes to stderr. */
function red(text: string): string {
  return `\x1b[91m${text}\x1b[0m`
}
