/** How to tell the items of a set apart, and how to change the set. */
export interface SetDiff<T> {
  /** Same identity. Give everything that matters: `10.0.0.2/24 dev eth0`. */
  key(item: T): string
  add(item: T): Promise<void>
  remove(item: T): Promise<void>
}

/**
 * Makes the set that exists equal to the set that is wanted.
 *
 * Adds before it removes, so that an interface is never left without its last address.
 * One failure does not stop the rest.
 *
 * @returns how many items it added and removed; both 0 when there was nothing to do
 * @throws {AggregateError} every failure, after all items were tried
 */
export async function reconcileSet<T>(
  wanted: Iterable<T>,
  actual: Iterable<T>,
  diff: SetDiff<T>,
): Promise<{ added: number; removed: number }> {
  const want = new Map(Array.from(wanted, (item) => [diff.key(item), item]))
  const have = new Map(Array.from(actual, (item) => [diff.key(item), item]))
  const failures: unknown[] = []
  const each = async (items: Iterable<T>, act: (item: T) => Promise<void>) => {
    let done = 0
    for (const item of items)
      await act(item).then(
        () => {
          done++
        },
        (error) => {
          failures.push(error)
        },
      )
    return done
  }
  const added = await each(
    want
      .entries()
      .filter(([key]) => !have.has(key))
      .map(([, item]) => item),
    diff.add,
  )
  const removed = await each(
    have
      .entries()
      .filter(([key]) => !want.has(key))
      .map(([, item]) => item),
    diff.remove,
  )
  if (failures.length > 0)
    throw new AggregateError(
      failures,
      `Cannot reconcile: ${failures.length} of ${failures.length + added + removed} changes failed`,
    )
  return { added, removed }
}
