import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseFlags } from './flags.ts'

test('parseFlags() reads every sort of value in both spellings', () => {
  const words = [
    ...['--bip=192.0.2.1/24', '--mtu', '1400', '--icc=false', '--debug', '-H', 'unix:///a', '--host=unix:///b'],
    ...['--default-address-pool', 'base=10.10.0.0/16,size=24', '--log-opt', 'max-size=10m'],
    ...['--default-network-opt', 'bridge=com.docker.network.driver.mtu=1400', '--dns', '192.0.2.53', '-l=warn'],
  ]
  assert.deepEqual(parseFlags(words).settings, {
    hosts: ['unix:///a', 'unix:///b'],
    debug: true,
    logLevel: 'warn',
    logOptions: { 'max-size': '10m' },
    bip: '192.0.2.1/24',
    icc: false,
    mtu: 1400,
    defaultAddressPools: [{ base: '10.10.0.0/16', size: 24 }],
    defaultNetworkOptions: { bridge: { 'com.docker.network.driver.mtu': '1400' } },
    dns: ['192.0.2.53'],
  })
})

test('parseFlags() takes flags of parts that are not here, and names them', () => {
  const { foreign, settings } = parseFlags(['--containerd=/run/x', '-s', 'overlay2', '--experimental', '--validate'])
  assert.deepEqual([foreign, settings], [['containerd', 'experimental', 'storage-driver'], {}])
})

for (const [words, message] of [
  [['--nonsense'], 'unknown flag: --nonsense'],
  [['-Z'], "unknown shorthand flag: 'Z' in -Z"],
  [['--mtu'], 'flag needs an argument: --mtu'],
  [['--mtu', 'big'], 'invalid argument "big" for "--mtu" flag: it must be int'],
  [['--icc=maybe'], 'invalid argument "maybe" for "--icc" flag: it must be true or false'],
  [['--ip', 'here'], 'invalid argument "here" for "--ip" flag: not an IP address'],
  [['--dns', 'x'], 'invalid argument "x" for "--dns" flag: x is not an ip address'],
  [['word'], '"wharf daemon" accepts no arguments: word'],
] as const) {
  test(`parseFlags() refuses ${words.join(' ')}`, () => {
    assert.throws(() => parseFlags(words), { kind: 'invalid-argument', message })
  })
}
