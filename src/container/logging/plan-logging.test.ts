import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLogSettings, planLogging } from './plan-logging.ts'

test('planLogging() keeps all, so much, or nothing', () => {
  const plan = (Type: string, Config = {}) => Object.values(planLogging({ Type, Config }))
  assert.deepEqual(plan('json-file'), [true, Infinity, 1])
  assert.deepEqual(plan('json-file', { 'max-size': '10k', 'max-file': '3', compress: 'true' }), [true, 10_000, 3])
  assert.deepEqual(plan('local'), [true, 20_971_520, 5])
  assert.deepEqual(plan('none', { 'max-size': 'x' }), [false, Infinity, 1])
})

test('planLogging() refuses values in the words of Docker', () => {
  const cases: [Record<string, string>, string][] = [
    [{ 'max-size': '0' }, 'max-size must be a positive number'],
    [{ 'max-size': 'x' }, "invalid size: 'x'"],
    [{ 'max-file': '0' }, 'max-file cannot be less than 1'],
    [{ 'max-file': 'x' }, 'strconv.Atoi: parsing "x": invalid syntax'],
    [{ compress: 'true' }, 'compress cannot be true when max-file is less than 2 or max-size is not set'],
    [{ compress: 'maybe' }, 'strconv.ParseBool: parsing "maybe": invalid syntax'],
  ]
  for (const [Config, words] of cases) {
    const message = `failed to initialize logging driver: ${words}`
    assert.throws(() => planLogging({ Type: 'json-file', Config }), { message, kind: 'internal' })
  }
})

test('checkLogSettings() refuses drivers and names of options in the words of Docker', () => {
  const cases: [string, Record<string, string>, string][] = [
    ['syslog', {}, "logger: no log driver named 'syslog' is registered"],
    ['json-file', { size: '1' }, "unknown log opt 'size' for json-file log driver"],
    ['local', { size: '1' }, "unknown log opt 'size' for log driver local"],
    ['local', { mode: 'x' }, 'logger: logging mode not supported: x'],
    ['local', { 'max-buffer-size': '1m' }, "logger: max-buffer-size option is only supported with 'mode=non-blocking'"],
  ]
  for (const [Type, Config, message] of cases) assert.throws(() => checkLogSettings({ Type, Config }), { message })
  checkLogSettings({ Type: 'none', Config: { any: 'thing' } })
  checkLogSettings({
    Type: 'json-file',
    Config: { labels: 'a', tag: 't', mode: 'non-blocking', 'cache-disabled': 'true' },
  })
})
