import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { TarScan } from './tar-scan.ts'

/** One entry in ustar form; the name is cut to 100 bytes. */
function entry(name: string, content = '', type = '0', size = Buffer.byteLength(content)): Buffer {
  const header = Buffer.alloc(512)
  header.write(name.slice(0, 100), 0)
  header.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  header.write(type, 156)
  header.write('ustar\0' + '00', 257)
  header.write('        ', 148)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(content) / 512) * 512)
  body.write(content)
  return Buffer.concat([header, body])
}

function pax(records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = ` ${key}=${value}\n`
    let length = rest.length + 1
    while (`${length}${rest}`.length !== length) length = `${length}${rest}`.length
    return `${length}${rest}`
  })
  return entry('PaxHeader', lines.join(''), 'x')
}

const end = Buffer.alloc(1024)
const longName = `${'d'.repeat(90)}/${'e'.repeat(90)}/.wh.long`
const archive = Buffer.concat([
  entry('dir/', '', '5'),
  entry('dir/file', 'x'.repeat(700)),
  entry('dir/.wh.gone'),
  entry('./dir/.wh..wh..opq'),
  entry('not.wh.this', 'abc'),
  entry('link', '', '1', 4096),
  pax({ path: longName }),
  entry('short'),
  entry('././@LongLink', `${longName}2\0`, 'L'),
  entry('cut'),
  pax({ size: '5' }),
  entry('big', 'hello', '0', 5),
  end,
])

function scan(bytes: Buffer, step: number): unknown {
  const scanner = new TarScan()
  for (let at = 0; at < bytes.length; at += step) scanner.write(bytes.subarray(at, at + step))
  const { bytes: total, whiteouts } = scanner.end()
  return { total, whiteouts: whiteouts.map(String) }
}

test('TarScan finds whiteouts and sizes, however the archive is cut into pieces', () => {
  const expected = {
    total: 708,
    whiteouts: ['dir/.wh.gone', './dir/.wh..wh..opq', longName, `${longName}2`],
  }
  for (const step of [1, 7, 511, 512, 513, 4096, archive.length]) assert.deepEqual(scan(archive, step), expected)
})

test('TarScan.end() tells an archive that was cut from one that ends', () => {
  for (const length of [100, 512 + 10, 512 + 512 + 100])
    assert.throws(() => scan(archive.subarray(0, length), 512), /unexpected EOF/)
  assert.deepEqual(scan(Buffer.of(), 1), { total: 0, whiteouts: [] })
  assert.deepEqual(scan(entry('a'), 512), { total: 0, whiteouts: [] })
})

test('TarScan takes any bytes, or throws a RangeError', () => {
  const pieces = fc.array(
    fc.oneof(fc.uint8Array({ maxLength: 2000 }), fc.constantFrom(entry('a', 'b'), pax({ path: 'p' }), end)),
  )
  fc.assert(
    fc.property(pieces, (parts) => {
      try {
        scan(Buffer.concat(parts), 333)
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error))
      }
    }),
    { seed: 1, numRuns: 500 },
  )
})
