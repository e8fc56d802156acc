/** Characters of a failure's words that are kept. */
const longestKept = 16 * 1024

/**
 * What commands and buildah print on stderr. Docker shows it in red, and tells of the failure apart from it, so what may
 * be buildah's last words is held back until more comes.
 */
export class ErrorOutput {
  #line = ''
  #held = ''

  /** @returns what to tell the client, in order */
  write(text: string): readonly string[] {
    const lines = (this.#line + text).split('\n')
    this.#line = lines.pop()!
    const told = lines.flatMap((line) => this.#take(`${line}\n`))
    if (this.#held === '' && this.#line !== '' && !mayBegin(this.#line)) {
      told.push(red(this.#line))
      this.#line = ''
    }
    return told
  }

  /** @returns buildah's own words at the end; `""`: none */
  end(): { readonly told: readonly string[]; readonly words: string } {
    const told = this.#line === '' ? [] : this.#take(this.#line)
    return { told, words: this.#held.trim() }
  }

  #take(line: string): readonly string[] {
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
