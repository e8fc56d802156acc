import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseIops, parseRate, parseWeightDevice } from './limits.ts'

const said = (parse: (text: string) => unknown, text: string) => {
  try {
    return parse(text)
  } catch (error) {
    return (error as Error).message
  }
}

test('limits of block devices are read as Docker reads them', () => {
  assert.deepEqual(parseRate('/dev/sda:1mb'), { Path: '/dev/sda', Rate: 2 ** 20 })
  assert.deepEqual(parseIops('/dev/sda:30'), { Path: '/dev/sda', Rate: 30 })
  assert.deepEqual(parseWeightDevice('/dev/sda:10'), { Path: '/dev/sda', Weight: 10 })
  const rate = 'Number must be a positive integer'
  assert.deepEqual(
    [
      said(parseRate, '/dev/sda'),
      said(parseRate, 'sda:1'),
      said(parseRate, '/dev/sda:x'),
      said(parseIops, '/dev/sda:1mb'),
      said(parseWeightDevice, '/dev/sda:5'),
    ],
    [
      'bad format: /dev/sda',
      'bad format for device path: sda:1',
      `invalid rate for device: /dev/sda:x. The correct format is <device-path>:<number>[<unit>]. ${rate}. Unit is optional and can be kb, mb, or gb`,
      `invalid rate for device: /dev/sda:1mb. The correct format is <device-path>:<number>. ${rate}`,
      'invalid weight for device: /dev/sda:5',
    ],
  )
})
