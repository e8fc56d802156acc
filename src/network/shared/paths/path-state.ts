import { smallestHeartbeat } from '../../../wire/heartbeat.ts'

/**
 * Whether packets get to another host and back on a network.
 *
 * `unknown`: nobody has tried yet. `ok`: packets of full size. `mtu`: small ones only. `lost`: none.
 */
export type PathKind = 'unknown' | 'ok' | 'mtu' | 'lost'

/** What is known of one path. */
export interface PathState {
  readonly kind: PathKind
  /** Milliseconds, of the last packet of full size that came back; while only small ones do, of a small one. */
  readonly roundTripMs: number | undefined
  /** Bytes: the largest packet that the network lets its containers send. */
  readonly full: number
  /** Bytes: the largest packet that is known to come back; 0: none. */
  readonly passes: number
  /** Bytes: the smallest packet that is known not to. */
  readonly fails: number
  /** Rounds in a row in which no packet came back. */
  readonly silentRounds: number
  /** Rounds in a row in which small packets came back, and full ones did not. */
  readonly smallRounds: number
}

/** What came back in one round. */
export interface Round {
  /** Bytes that were sent, as `sizesOf` said. */
  readonly sent: readonly number[]
  readonly answers: readonly { readonly bytes: number; readonly roundTripMs: number }[]
}

/** A frame may be lost without anything being wrong. */
const roundsUntilSure = 3
/** How many sizes are tried at once while the largest is looked for. */
const rungs = 8

/** A path that nobody has tried. */
export function untried(full: number): PathState {
  const counts = { silentRounds: 0, smallRounds: 0 }
  return { kind: 'unknown', roundTripMs: undefined, full, passes: 0, fails: full, ...counts }
}

/** The sizes of packets that the next round is to send, in bytes, the smallest first. Pure. */
export function sizesOf({ full, passes, fails, smallRounds }: PathState): readonly number[] {
  const small = Math.min(smallestHeartbeat, full)
  const known = smallRounds === 0 ? [] : passes === 0 ? ladder(small, full) : ladder(passes, fails)
  return [...new Set([small, ...known, full])].sort((a, b) => a - b)
}

/** Both ends, and what is evenly between them. */
function ladder(from: number, to: number): number[] {
  const step = (to - from) / (rungs + 1)
  return Array.from({ length: rungs + 2 }, (_, i) => Math.round(from + i * step))
}

/** True: the next round is to come soon, something is not clear yet. Pure. */
export function isInDoubt({ kind, passes, fails, silentRounds, smallRounds }: PathState): boolean {
  if (kind === 'lost') return false
  return silentRounds > 0 || (smallRounds > 0 && fails - passes > 1)
}

/** What a round makes of what was known. @param full bytes: another size than before makes it begin anew. Pure. */
export function nextState(before: PathState, full: number, { sent, answers }: Round): PathState {
  const known = before.full === full ? before : { ...untried(full), kind: before.kind }
  const [largest] = answers.toSorted((a, b) => b.bytes - a.bytes)
  if (largest === undefined) {
    const silentRounds = known.silentRounds + 1
    return silentRounds < roundsUntilSure
      ? { ...known, silentRounds }
      : { ...untried(full), kind: 'lost', silentRounds: roundsUntilSure }
  }
  if (largest.bytes >= full) return { ...untried(full), kind: 'ok', roundTripMs: largest.roundTripMs, passes: full }
  return narrow(known, largest, sent)
}

function narrow(known: PathState, { bytes: passes, roundTripMs }: Round['answers'][number], sent: readonly number[]) {
  const fails = Math.min(...sent.filter((bytes) => bytes > passes))
  const state: PathState = {
    ...{ ...known, roundTripMs, passes },
    fails: Number.isFinite(fails) ? fails : known.full,
    silentRounds: 0,
    smallRounds: Math.min(known.smallRounds + 1, roundsUntilSure),
  }
  // Told when it is known which size passes: not before several rounds have said the same.
  const isSure = state.smallRounds >= roundsUntilSure && !isInDoubt(state)
  return isSure ? { ...state, kind: 'mtu' as const } : state
}
