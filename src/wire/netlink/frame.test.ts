import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hex } from '../../../test/support/hex.ts'
import { decodeAcknowledgement, decodeFrames, encodeAcknowledgement, encodeFrame, type Frame } from './frame.ts'

const two = hex`
  16 00 00 00   # length 22
  14 00         # type RTM_NEWADDR
  02 00         # flags MULTI
  07 00 00 00   # sequence
  39 30 00 00   # port id 12345
  aa bb cc dd ee ff
  00 00         # padding to 4
  10 00 00 00   # length 16: no body
  03 00         # type NLMSG_DONE
  02 00
  07 00 00 00
  39 30 00 00
`

test('decodeFrames() splits a datagram, and encodeFrame() undoes it', () => {
  const frames = decodeFrames(two)
  assert.deepEqual(
    frames.map(({ body, ...rest }) => ({ ...rest, body: [...body] })),
    [
      { type: 20, flags: 2, sequence: 7, portId: 12345, body: [0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff] },
      { type: 3, flags: 2, sequence: 7, portId: 12345, body: [] },
    ],
  )
  assert.deepEqual([...encodeFrame(frames[0]!)], [...two.subarray(0, 22)])
})

test('decodeFrames() refuses lengths that cannot be', () => {
  for (const length of [0, 15, 23, 0xffff_ffff]) {
    const bytes = two.slice(0, 22)
    new DataView(bytes.buffer).setUint32(0, length, true)
    assert.throws(() => decodeFrames(bytes), RangeError)
  }
  assert.throws(() => decodeFrames(two.subarray(0, 10)), RangeError)
})

const refusal: Omit<Frame, 'body'> = { type: 2, flags: 0x300, sequence: 7, portId: 0 }

test('decodeAcknowledgement() reads the extended answer to a capped request', () => {
  const body = hex`
    ea ff ff ff               # -EINVAL
    30 00 00 00 14 00 05 06   # the request's header: 48 bytes, of which none follow
    07 00 00 00 00 00 00 00
    09 00 01 00 4f 68 20 6f   # NLMSGERR_ATTR_MSG "Oh o"
    00 00 00 00
    08 00 02 00 18 00 00 00   # NLMSGERR_ATTR_OFFS 24
  `
  assert.deepEqual(decodeAcknowledgement({ ...refusal, body }), { errno: 22, message: 'Oh o', offset: 24 })
  assert.deepEqual(
    [...encodeAcknowledgement({ errno: 22, message: 'Oh o', offset: 24 }, 7).subarray(16 + 20)],
    [...body.subarray(20)],
  )
})

test('decodeAcknowledgement() steps over a request that is repeated', () => {
  const body = hex`
    ed ff ff ff               # -ENODEV
    12 00 00 00 14 00 05 06   # 18 bytes: 2 follow, and padding
    07 00 00 00 00 00 00 00
    aa bb 00 00
    08 00 05 00 03 00 00 00   # NLMSGERR_ATTR_MISS_TYPE 3
  `
  assert.deepEqual(decodeAcknowledgement({ ...refusal, flags: 0x200, body }), { errno: 19, missingType: 3 })
})

test('decodeAcknowledgement() reads the end of a dump', () => {
  assert.deepEqual(decodeAcknowledgement({ ...refusal, type: 3, flags: 2, body: hex`00 00 00 00` }), { errno: 0 })
  assert.deepEqual(decodeAcknowledgement({ ...refusal, type: 3, flags: 2, body: hex`a1 ff ff ff` }), { errno: 95 })
  assert.deepEqual(decodeAcknowledgement({ ...refusal, type: 3, flags: 2, body: hex`` }), { errno: 0 })
})
