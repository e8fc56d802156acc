import { styleText } from 'node:util'

const width = 100
const mostLines = 12

/** Tells a reader what is done, what was seen, and keeps count of what was not as it should be. */
export class Narrator {
  #chapter = 0
  #seen = 0
  #wrong: string[] = []

  /** How many things were seen as they should be. */
  get seen(): number {
    return this.#seen
  }

  /** What was not as it should be. */
  get wrong(): readonly string[] {
    return this.#wrong
  }

  /** Begins a chapter. */
  chapter(title: string): void {
    this.#chapter++
    console.log(`\n${styleText('bold', `${this.#chapter}. ${title}`)}`)
  }

  /** A paragraph of explanation. */
  tell(text: string): void {
    console.log(styleText('dim', wrap(text, width - 3).replaceAll(/^/gm, '   ')))
  }

  /** A command that the reader could type. */
  command(line: string): void {
    console.log(`   ${styleText('cyan', `$ ${line}`)}`)
  }

  /** What a command printed; long texts are cut in the middle of nowhere but said to be. */
  output(text: string): void {
    const lines = text.trimEnd().split('\n').filter(Boolean)
    for (const line of lines.slice(0, mostLines)) console.log(`     ${line}`)
    if (lines.length > mostLines) console.log(`     … and ${lines.length - mostLines} more lines`)
  }

  /** Something that has to be so: a tick when it is, a cross and a note for the end when it is not. */
  check(sentence: string, good: boolean, seen = ''): void {
    if (good) this.#seen++
    else this.#wrong.push(`${this.#chapter}. ${sentence}${seen === '' ? '' : `: saw ${JSON.stringify(seen)}`}`)
    console.log(`   ${good ? styleText('green', '✓') : styleText('red', '✗')} ${sentence}`)
  }
}

function wrap(text: string, columns: number): string {
  const lines: string[] = ['']
  for (const word of text.split(/\s+/)) {
    const line = lines.at(-1)!
    if (line.length + word.length + 1 > columns) lines.push(word)
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`
  }
  return lines.join('\n')
}
