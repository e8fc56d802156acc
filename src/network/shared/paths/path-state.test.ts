import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isInDoubt, nextState, type PathState, type Round, sizesOf, untried } from './path-state.ts'

/** A round over a wire that carries packets of up to `carries` bytes. */
function roundOver(state: PathState, carries: number): Round {
  const sent = sizesOf(state)
  return { sent, answers: sent.filter((bytes) => bytes <= carries).map((bytes) => ({ bytes, roundTripMs: 0.5 })) }
}

function after(state: PathState, wires: readonly number[]): PathState {
  return wires.reduce((known, carries) => nextState(known, known.full, roundOver(known, carries)), state)
}

test('a path is ok with the first packet of full size that comes back', () => {
  const ok = after(untried(1450), [1450])
  assert.deepEqual({ ...ok, fails: 0 }, { ...untried(1450), kind: 'ok', roundTripMs: 0.5, passes: 1450, fails: 0 })
  assert.deepEqual(sizesOf(ok), [64, 1450])
  assert.equal(isInDoubt(ok), false)
})

test('a path is lost with the third round of which nothing came back, and ok again at once', () => {
  const kinds = [1, 2, 3, 4].map((rounds) => after(untried(1450), [1450, ...Array(rounds).fill(0)]).kind)
  assert.deepEqual(kinds, ['ok', 'ok', 'lost', 'lost'])
  assert.equal(isInDoubt(after(untried(1450), [1450, 0])), true)
  assert.equal(after(untried(1450), [0, 0, 0, 1450]).kind, 'ok')
  assert.equal(after(untried(1450), [1450, 0, 1450, 0, 0]).kind, 'ok') // in a row only
})

test('the largest packet that passes is found in a few rounds, whichever it is', () => {
  for (let carries = 64; carries < 1450; carries++) {
    let state = after(untried(1450), [1450])
    let rounds = 0
    while (state.kind !== 'mtu') {
      state = after(state, [carries])
      assert.ok(++rounds <= 8, `${carries}: still ${state.kind} after ${rounds} rounds`)
    }
    assert.equal(state.passes, carries)
    // It goes on being found, and what changes is found too.
    assert.deepEqual(after(state, [carries, carries]), state)
    assert.equal(after(state, [1450]).kind, 'ok')
  }
  const found = after(untried(1450), Array(8).fill(1350))
  assert.equal(after(found, Array(8).fill(1100)).passes, 1100)
  assert.equal(after(found, Array(8).fill(1400)).passes, 1400)
})

test('a single large packet that is lost changes nothing', () => {
  assert.equal(after(untried(1450), [1450, 64]).kind, 'ok')
  assert.equal(after(untried(1450), [1450, 64, 1450]).smallRounds, 0)
})

test('a network whose packets may be larger now is tried anew', () => {
  const found = after(untried(1450), Array(8).fill(1350))
  const bigger = nextState(found, 8950, { sent: [64, 8950], answers: [{ bytes: 64, roundTripMs: 1 }] })
  assert.deepEqual([bigger.kind, bigger.full, bigger.passes, bigger.fails], ['mtu', 8950, 64, 8950])
})
