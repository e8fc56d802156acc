import assert from 'node:assert/strict'
import { test } from 'node:test'
import { UsageError } from '../errors.ts'
import type { FlagSpec } from './flag-spec.ts'
import { parseWords } from './parse-words.ts'

const flags: readonly FlagSpec[] = [
  { name: 'detach', short: 'd', kind: 'bool', help: '' },
  { name: 'tty', short: 't', kind: 'bool', help: '' },
  { name: 'interactive', short: 'i', kind: 'bool', help: '' },
  { name: 'sig-proxy', kind: 'bool', default: 'true', help: '' },
  { name: 'no-trunc', kind: 'bool', help: '' },
  { name: 'env', short: 'e', kind: 'list', help: '' },
  { name: 'publish', short: 'p', kind: 'list', help: '' },
  { name: 'network', kind: 'list', hiddenNames: ['net'], help: '' },
  { name: 'subnet', kind: 'strings', help: '' },
  { name: 'last', short: 'n', kind: 'int', default: '-1', help: '' },
  { name: 'memory', short: 'm', kind: 'bytes', help: '' },
  { name: 'wait', kind: 'duration', help: '' },
  { name: 'name', kind: 'string', help: '' },
]

function read(passThrough: boolean, ...words: string[]): object {
  const { flags: found, args } = parseWords({ flags, passThrough }, words)
  const given = flags.filter(({ name }) => found.given(name))
  const values = given.map(({ name, kind }) => {
    if (kind === 'bool') return [name, found.on(name)]
    if (kind === 'list' || kind === 'strings') return [name, found.list(name)]
    return [name, kind === 'string' ? found.text(name) : found.number(name)]
  })
  return { args, ...Object.fromEntries(values) }
}

const understood: readonly [passThrough: boolean, words: string[], read: object][] = [
  [
    true,
    ['-dit', '--name', 'x', 'busybox', 'sh'],
    { args: ['busybox', 'sh'], detach: true, tty: true, interactive: true, name: 'x' },
  ],
  [true, ['-eA=b', '-e', 'C=d=e', '-e=F', 'x'], { args: ['x'], env: ['A=b', 'C=d=e', 'F'] }],
  [true, ['-p80:80', '--publish=81', 'x'], { args: ['x'], publish: ['80:80', '81'] }],
  [true, ['busybox', 'ls', '--name', 'y', '-d'], { args: ['busybox', 'ls', '--name', 'y', '-d'] }],
  [true, ['--', 'busybox', '--help'], { args: ['busybox', '--help'] }],
  [false, ['a', '-d', 'b', '--', '-c'], { args: ['a', 'b', '-c'], detach: true }],
  [true, ['--net', 'a', '--network=b', '--net=c', 'x'], { args: ['x'], network: ['a', 'b', 'c'] }],
  [
    true,
    ['--sig-proxy=false', '-d=true', '-t=false', 'x'],
    { args: ['x'], 'sig-proxy': false, detach: true, tty: false },
  ],
  [true, ['--tty=false', '--tty', 'x'], { args: ['x'], tty: true }],
  [false, ['--no-trunc', '-n', '-3'], { args: [], 'no-trunc': true, last: -3 }],
  [false, ['-m', '1.5g', '--wait', '1m30s'], { args: [], memory: 1610612736, wait: 90e9 }],
  [
    false,
    ['--subnet', '10.1.0.0/16,10.2.0.0/16', '--subnet', 'fd00::/64'],
    { args: [], subnet: ['10.1.0.0/16', '10.2.0.0/16', 'fd00::/64'] },
  ],
  [false, ['--name', '', '-'], { args: ['-'], name: '' }],
]

for (const [passThrough, words, expected] of understood) {
  test(`parseWords() reads ${words.join(' ')}`, () => assert.deepEqual(read(passThrough, ...words), expected))
}

const refused: readonly [words: string[], message: string][] = [
  [['--foo', 'x'], 'unknown flag: --foo'],
  [['--foo=1'], 'unknown flag: --foo'],
  [['-dZ', 'x'], "unknown shorthand flag: 'Z' in -Z"],
  [['--name'], 'flag needs an argument: --name'],
  [['-e'], "flag needs an argument: 'e' in -e"],
  [['-n', 'x'], 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [['-m', '12q'], 'invalid argument "12q" for "-m, --memory" flag: invalid size: \'12q\''],
  [['--wait', '1'], 'invalid argument "1" for "--wait" flag: time: missing unit in duration "1"'],
]

for (const [words, message] of refused) {
  test(`parseWords() refuses ${words.join(' ')}`, () => {
    assert.throws(
      () => read(true, ...words),
      (error) => {
        assert(error instanceof UsageError)
        assert.deepEqual([error.message, error.exitCode], [message, 125])
        return true
      },
    )
  })
}

test('parseWords() sees --help before anything else, but not behind the first argument', () => {
  assert.equal(parseWords({ flags }, ['--help', '--nonsense']).help, true)
  assert.equal(parseWords({ flags, passThrough: true }, ['x', '--help']).help, false)
})

test('Flags answers defaults for what was not given, and throws for what does not exist', () => {
  const { flags: found } = parseWords({ flags }, [])
  assert.deepEqual([found.number('last'), found.on('sig-proxy'), found.text('name')], [-1, true, ''])
  assert.equal(found.number('memory'), undefined)
  assert.throws(() => found.on('nosuch'), TypeError)
})
