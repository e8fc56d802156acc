import type { HeldSecrets, SharedSecrets } from './secrets-model.ts'

/** Whether the hosts are going over from one secret to the next. */
export function isChanging({ generations }: SharedSecrets): boolean {
  return generations.length > 1
}

/** The members that have not done yet what the next step needs. Pure. @param members ids of the nodes on the network */
export function whoIsAwaited(
  secrets: SharedSecrets,
  held: readonly HeldSecrets[],
  members: readonly string[],
): readonly string[] {
  const newest = secrets.generations.at(-1)!.number
  const said = new Map(held.map((one) => [one.nodeId, one]))
  const what = secrets.sending === newest ? 'sends' : 'accepts'
  return members.filter((id) => (said.get(id)?.[what] ?? 0) < newest)
}

/**
 * The next step of a change of secrets; undefined: none is due, or somebody is awaited. Pure.
 *
 * `[1] sends 1` → `[1, 2] sends 1` (everybody learns to hear 2) → `[1, 2] sends 2` (everybody speaks 2) → `[2] sends 2`.
 * The first of these steps is asked for; the others follow when all members have done the one before.
 */
export function nextSecrets(
  secrets: SharedSecrets,
  held: readonly HeldSecrets[],
  members: readonly string[],
): SharedSecrets | undefined {
  if (!isChanging(secrets) || whoIsAwaited(secrets, held, members).length > 0) return undefined
  const newest = secrets.generations.at(-1)!
  if (secrets.sending !== newest.number) return { ...secrets, sending: newest.number }
  return { ...secrets, generations: [newest] }
}

/** The first step of a change. Pure. @param secret 64 hex digits at random */
export function beginChange(secrets: SharedSecrets, secret: string): SharedSecrets {
  const newest = secrets.generations.at(-1)!
  return { ...secrets, generations: [newest, { number: newest.number + 1, secret }] }
}
