import type { Command } from './command.ts'
import { UsageError } from './errors.ts'

/** Checks how many arguments a command line has. @throws {UsageError} with Docker's words */
export function checkCount(name: string, { min, max }: Command['arguments'], count: number): void {
  if (count >= min && (max === undefined || count <= max)) return
  const plural = (number: number): string => `${number} argument${number === 1 ? '' : 's'}`
  const wanted =
    max === undefined
      ? `requires at least ${plural(min)}`
      : max === 0
        ? 'accepts no arguments'
        : max === min
          ? `requires ${plural(max)}`
          : min === 0
            ? `requires at most ${plural(max)}`
            : `requires at least ${min} and at most ${plural(max)}`
  const hint = max === undefined ? 'See' : 'Run'
  throw new UsageError(`'wharf ${name}' ${wanted}`, { exitCode: 1, prefix: 'wharf: ', hint })
}
