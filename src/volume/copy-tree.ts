import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { opendir } from 'node:fs/promises'
import { EngineError } from '../base/errors.ts'
import { mortalCommand } from '../kernel/processes/mortal-command.ts'

/** How the copy is given the directory: as this descriptor. */
const sourceFd = 3
const keptWords = 4096

/**
 * Copies what is in a directory, and its owner, mode and attributes, into another that is there already: hard links, holes,
 * devices and links as they are. A link is never followed. What is there of the same name is replaced.
 *
 * @param directory  descriptor of the source, so that its path cannot be changed meanwhile
 * @throws {EngineError} `internal` with the kernel's reason: the disk is full, …
 * @source cp(1): Debian's coreutils keep owners before attributes, so that file capabilities stay
 */
export async function copyTree(directory: number, target: string): Promise<void> {
  const words = ['-a', '--remove-destination', '-T', '--', `/proc/self/fd/${sourceFd}/.`, target]
  const child = spawn(...mortalCommand('cp', words), {
    stdio: ['ignore', 'ignore', 'pipe', directory],
    env: { PATH: process.env['PATH'], LC_ALL: 'C' },
  })
  let said = ''
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(0, keptWords)
  })
  const [code] = await once(child, 'close')
  if (code !== 0) throw new EngineError('internal', `Cannot copy the files of the image: ${reasonOf(said)}`)
}

/** `"cp: error writing '/x': No space left on device"`: the last part, as the kernel's clients know it. */
function reasonOf(said: string): string {
  const line = said.split('\n').find((text) => text.includes('No space left')) ?? said.trim().split('\n').at(-1) ?? ''
  return (/: ([^:]+)$/.exec(line)?.[1] ?? line).toLowerCase() || 'cp was ended by a signal'
}

/** Whether nothing is in a directory. */
export async function isEmpty(path: string): Promise<boolean> {
  const dir = await opendir(path)
  try {
    return (await dir.read()) === null
  } finally {
    await dir.close()
  }
}
