const propagations: readonly string[] = ['private', 'rprivate', 'shared', 'rshared', 'slave', 'rslave']

/** Of each line at most one word may be given. */
const groups: readonly (readonly string[])[] = [
  ['rw', 'ro'],
  ['z', 'Z'], // labels of SELinux: accepted, and without a meaning here
  propagations,
  ['nocopy'],
  ['default', 'consistent', 'cached', 'delegated'], // file sharing of desktop machines
]

/** How mounts made later reach the other side. @source mount_namespaces(7) */
export function isPropagation(word: string): boolean {
  return propagations.includes(word)
}

/** Whether the words after the second colon of `-v`, or the first of `--volumes-from`, can be meant. */
export function isMountMode(mode: string): boolean {
  if (mode === '') return true
  const words = mode.split(',')
  return (
    words.every((word) => groups.some((group) => group.includes(word))) &&
    groups.every((group) => words.filter((word) => group.includes(word)).length <= 1)
  )
}

/** The propagation among the words of a mode; undefined when there is none. */
export function propagationOf(mode: string): string | undefined {
  return mode.split(',').find(isPropagation)
}

/** Whether a mode has that word. */
export function hasMode(mode: string, word: string): boolean {
  return mode.split(',').includes(word)
}
