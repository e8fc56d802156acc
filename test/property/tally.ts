/** How often each kind of step was fulfilled and refused, so that a reader sees what a run has covered. */
const tally = new Map<string, { done: number; refused: number }>()

/** Counts a step under its first words: `"network create"`, `"look-up"`. */
export function count(text: string, isDone = true, times = 1): void {
  const kind =
    /^(kill -9 of the \w+|network \w+|port \w+|volume \w+|death of a process|crash in a request|at once|SIGTERM|[a-z-]+)/.exec(
      text,
    )?.[1] ?? text
  const counts = tally.get(kind) ?? { done: 0, refused: 0 }
  counts[isDone ? 'done' : 'refused'] += times
  tally.set(kind, counts)
}

/** All that was counted so far, a line each, below a heading. */
export function tallyTable(): string[] {
  const row = (...[kind, done, refused]: readonly [string, string | number, string | number]) =>
    `${kind.padEnd(24)}${String(done).padStart(9)}${String(refused).padStart(9)}`
  const rows = [...tally].sort().map(([kind, { done, refused }]) => row(kind, done, refused))
  return [row('', 'done', 'refused'), ...rows]
}
