import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeHeartbeat, encodeHeartbeat, type Heartbeat, smallestHeartbeat } from './heartbeat.ts'

const heartbeat: Heartbeat = {
  to: '06:01:02:03:04:05',
  from: '06:0a:0b:0c:0d:0e',
  kind: 'answer',
  number: 0xfedc_ba98,
  time: 1_795_264_200_123,
  bytes: 1450,
}

test('a heartbeat is a frame of its size, field by field, and is read again', () => {
  const frame = encodeHeartbeat(heartbeat)
  assert.equal(frame.length, 14 + 1450)
  const fields = [
    '060102030405',
    '060a0b0c0d0e',
    '88b5',
    '57687266',
    '01',
    '01',
    '05aa',
    'fedcba98',
    '000001a1fe15bdbb',
  ]
  assert.equal(frame.subarray(0, 34).toString('hex'), fields.join(''))
  assert.ok(frame.subarray(34).every((byte) => byte === 0))
  assert.deepEqual(decodeHeartbeat(frame), heartbeat)
})

test('decodeHeartbeat() takes nothing that is none, is cut off or of a version that is not ours', () => {
  const frame = encodeHeartbeat({ ...heartbeat, bytes: smallestHeartbeat })
  assert.deepEqual(decodeHeartbeat(Buffer.concat([frame, Buffer.alloc(9)]))?.bytes, smallestHeartbeat) // filled up
  assert.equal(decodeHeartbeat(frame.subarray(0, -1)), undefined)
  assert.equal(decodeHeartbeat(Buffer.alloc(0)), undefined)
  for (const at of [12, 14, 18, 19, 20]) {
    const other = Buffer.from(frame)
    other[at] = 0xff
    assert.equal(decodeHeartbeat(other), undefined, `byte ${at}`)
  }
})
