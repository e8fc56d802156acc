import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arpAnnouncement, neighbourAdvertisement } from './announcement.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('arpAnnouncement() is a request to all for the own address', () => {
  assert.equal(
    hex(arpAnnouncement('02:42:0a:00:00:02', '10.0.0.2')),
    [
      'ffffffffffff', // to all
      '02420a000002', // from
      '0806', // ARP
      '0001080006040001', // Ethernet, IPv4, request
      '02420a0000020a000002', // sender
      '0000000000000a000002', // target
    ].join(''),
  )
})

test('neighbourAdvertisement() overrides what all nodes know, with a checksum that adds up', () => {
  const frame = neighbourAdvertisement('02:42:0a:00:00:02', 'fd00::2')
  const ip = `fd${'00'.repeat(14)}02`
  const text = hex(frame)
  assert.equal(text.slice(0, 28), '33330000000102420a00000286dd')
  assert.equal(text.slice(28, 44), '6000000000203aff') // 32 bytes of ICMPv6, hop limit 255
  assert.equal(text.slice(44, 108), `${ip}ff02${'00'.repeat(13)}01`)
  assert.equal(text.slice(108, 112), '8800')
  assert.equal(text.slice(116), `20000000${ip}020102420a000002`)
  const words = [...frame.subarray(22), 0, 0, 0, 32, 0, 0, 0, 58] // addresses, body, and the rest of the pseudo header
  let sum = 0
  for (let i = 0; i < words.length; i += 2) sum += (words[i]! << 8) | words[i + 1]!
  assert.equal((sum & 0xffff) + (sum >> 16), 0xffff)
})
