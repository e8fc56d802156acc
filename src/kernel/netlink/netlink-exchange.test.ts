import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeFrames, encodeAcknowledgement, type Frame, NLM_F_DUMP_INTR } from '../../wire/netlink/frame.ts'
import { collectReplies, type Exchange } from './netlink-exchange.ts'

const reply = (value: number, sequence = 7, flags = 2): Frame => ({
  type: 16,
  flags,
  sequence,
  portId: 1,
  body: Uint8Array.of(value),
})
const end: Frame = { ...reply(0), type: 3, body: new Uint8Array(4) }
const ack = (errno = 0, message?: string): Frame =>
  decodeFrames(encodeAcknowledgement({ errno, ...(message !== undefined && { message }) }, 7))[0]!

/** An exchange with a kernel that says these things, datagram by datagram. */
function say(...datagrams: (readonly Frame[] | undefined)[]): Exchange & { readonly passedOn: Frame[] } {
  const passedOn: Frame[] = []
  return {
    action: 'list things',
    sequence: 7,
    early: [],
    passedOn,
    receive() {
      assert.ok(datagrams.length > 0, 'nothing more is said: it would wait')
      return datagrams.shift()
    },
    passOn: (frame) => passedOn.push(frame),
  }
}

const values = (bodies: Uint8Array[] | undefined) => bodies?.map(([value]) => value)

test('collectReplies() reads to the end, over several datagrams', () => {
  assert.deepEqual(values(collectReplies(say([reply(1), reply(2)], [reply(3)], [end]))), [1, 2, 3])
  assert.deepEqual(values(collectReplies(say([ack()]))), [])
  assert.deepEqual(values(collectReplies({ ...say([end]), early: [reply(1)] })), [1])
})

test('collectReplies() copies, as the memory is used again', () => {
  const body = Uint8Array.of(1)
  const bodies = collectReplies(say([{ ...reply(0), body }], [end]))
  body[0] = 2
  assert.deepEqual(values(bodies), [1])
})

test('collectReplies() passes on what others wait for, and what nobody does', () => {
  const exchange = say([reply(9, 6), reply(1), { ...ack(19), sequence: 5 }], [end])
  assert.deepEqual(values(collectReplies(exchange)), [1])
  assert.deepEqual(
    exchange.passedOn.map(({ sequence }) => sequence),
    [6, 5],
  )
})

test('collectReplies() reads to the end, and gives nothing, when the list changed or a part is lost', () => {
  for (const disturbed of [
    say([reply(1), reply(2, 7, 2 | NLM_F_DUMP_INTR)], [reply(3), end]),
    say([reply(1)], [{ ...end, flags: 2 | NLM_F_DUMP_INTR }]),
    say([reply(1)], undefined, [end]),
  ])
    assert.equal(collectReplies(disturbed), undefined)
})

test('collectReplies() throws what the kernel refuses, also in the middle of a list', () => {
  assert.throws(() => collectReplies(say([ack(19)])), { errno: 'ENODEV', kind: 'not-found', detail: undefined })
  assert.throws(() => collectReplies(say([reply(1)], [ack(22, 'Wrong colour')])), {
    errno: 'EINVAL',
    message: 'Cannot list things: Wrong colour',
  })
  const refusedEnd = { ...end, body: Uint8Array.from([0xa1, 0xff, 0xff, 0xff]) }
  assert.throws(() => collectReplies(say([reply(1)], [refusedEnd])), { errno: 'EOPNOTSUPP' })
})
