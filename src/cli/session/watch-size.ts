import { type Terminal, type TerminalSize, terminalSize } from '../terminal.ts'

/**
 * Tells a container's terminal the size of the user's, now and whenever it changes, until disposed. A size that does
 * not arrive is no failure of what runs: the next one may.
 */
export function watchSize(terminal: Terminal, tell: (size: TerminalSize) => Promise<void>): Disposable {
  const update = (): void => {
    const size = terminalSize(terminal)
    if (size !== undefined) tell(size).catch(() => undefined)
  }
  update()
  terminal.stdout.on('resize', update)
  return { [Symbol.dispose]: () => void terminal.stdout.off('resize', update) }
}
