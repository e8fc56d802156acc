/** Where programs are looked for in a container whose image says nothing. */
export const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * A process's variables: the engine's own, then the container's, each name once, the later value at the earlier place.
 *
 * The runtime adds `HOME`, which it finds in the container.
 *
 * @param terminal  sets `TERM`
 */
export function planEnvironment(
  own: readonly string[],
  { hostname, terminal }: { readonly hostname: string; readonly terminal: boolean },
): string[] {
  const base = [`PATH=${defaultPath}`, `HOSTNAME=${hostname}`, ...(terminal ? ['TERM=xterm'] : [])]
  return mergeVariables(base, own)
}

/** `NAME=value` lists: a later value takes the place of an earlier one; a bare `NAME` takes the variable away. */
export function mergeVariables(base: readonly string[], added: readonly string[]): string[] {
  const values = new Map<string, string | undefined>()
  for (const variable of [...base, ...added]) {
    const at = variable.indexOf('=')
    const name = at < 0 ? variable : variable.slice(0, at)
    values.set(name, at < 0 ? undefined : variable)
  }
  return [...values.values()].filter((variable) => variable !== undefined)
}

/** The value of a variable; undefined when it is not set. */
export function variableOf(environment: readonly string[], name: string): string | undefined {
  return environment.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1)
}
