import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseRequest } from './parse-request.ts'

const sandbox = {
  id: 's',
  netnsPath: '/run/x',
  networks: [{ id: 'n', name: 'front' }],
  upstreams: [{ address: '::1', from: 'host' }],
  forwardFromHost: true,
  ndotsSet: false,
  links: { db: ['10.0.0.1'] },
}
const port = { key: 'k', protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 80 }

test('parseRequest() reads every request, and leaves out what it does not know', () => {
  for (const request of [
    { do: 'hello' },
    { do: 'put-sandbox', sandbox },
    { do: 'remove-sandbox', id: 's' },
    { do: 'put-endpoint', endpoint: { id: 'e', networkId: 'n', names: [], addresses: ['10.0.0.1', 'fd00::1'] } },
    { do: 'remove-endpoint', id: 'e' },
    { do: 'reserve-port', port },
    { do: 'reserve-port', port: { ...port, proxyTo: { address: '10.0.0.1', port: 80 } } },
    { do: 'reserve-port', port: { ...port, proxyTo: { address: '10.0.0.1', port: 80, netnsPath: '/run/x' } } },
    { do: 'release-port', key: 'k' },
    { do: 'retain', sandboxes: ['s'], endpoints: [], ports: [] },
    { do: 'exit' },
  ])
    assert.deepEqual(parseRequest({ ...request, seq: 1, later: true }), request)
})

test('parseRequest() names what is wrong', () => {
  for (const [request, message] of [
    [undefined, 'request is not an object'],
    [null, 'request is not an object'],
    [[], 'request is not an object'],
    [{}, /^request.do is not one of hello, put-sandbox, /],
    [{ do: 'toString' }, /^request.do is not one of /],
    [{ do: 'remove-sandbox', id: 7 }, 'request.id is not a text'],
    [
      { do: 'put-sandbox', sandbox: { ...sandbox, upstreams: [{ address: 'dns', from: 'host' }] } },
      /\.sandbox\.upstreams\[0\]\.address is not an address/,
    ],
    [{ do: 'put-sandbox', sandbox: { ...sandbox, links: { db: 'x' } } }, /\.links\.db is not a list/],
    [{ do: 'reserve-port', port: { ...port, hostPort: 65_536 } }, 'request.port.hostPort is not a port'],
    [{ do: 'reserve-port', port: { ...port, hostPort: '80' } }, 'request.port.hostPort is not a port'],
    [{ do: 'reserve-port', port: { ...port, protocol: 'icmp' } }, 'request.port.protocol is not one of tcp, udp, sctp'],
    [{ do: 'reserve-port', port: { ...port, proxyTo: null } }, 'request.port.proxyTo is not an object'],
  ] as const) {
    const expected =
      typeof message === 'string'
        ? `Cannot read request: ${message}`
        : new RegExp(message.source.replace('^', '^Cannot read request: '))
    assert.throws(() => parseRequest(request), { kind: 'invalid-argument', message: expected })
  }
})
