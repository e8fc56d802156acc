import type { ContainerConfig } from '../../protocol/container.ts'

/** The program and its arguments: entrypoint and command together. */
export function commandOf({ Entrypoint, Cmd }: ContainerConfig): {
  readonly path: string
  readonly args: readonly string[]
} {
  const [path = '', ...args] = [...(Entrypoint ?? []), ...(Cmd ?? [])]
  return { path, args }
}

/** One line for `docker ps`: arguments with blanks stand in quotes. */
export function commandText(config: ContainerConfig): string {
  const { path, args } = commandOf(config)
  return [path, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' ').trim()
}
