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
const range = { owner: 'o', protocol: 'tcp', hostAddress: '0.0.0.0', hostPort: 80, count: 3 }
const reserve = (changes: object) => ({ do: 'reserve-ports', ports: [{ ...range, ...changes }] })
const endpoint = { id: 'e', networkId: 'n', names: [], addresses: ['10.0.0.1', 'fd00::1'] }

test('parseRequest() reads every request, and leaves out what it does not know', () => {
  for (const request of [
    { do: 'hello' },
    { do: 'put-sandbox', sandbox },
    { do: 'remove-sandbox', id: 's' },
    { do: 'put-endpoint', endpoint },
    { do: 'put-endpoint', endpoint: { ...endpoint, owner: { containerId: 'c', networkName: 'front' } } },
    { do: 'remove-endpoint', id: 'e' },
    reserve({}),
    reserve({ hostAddress: '*', proxyTo: { address: '10.0.0.1', port: 80 } }),
    reserve({ proxyTo: { address: '10.0.0.1', port: 80, netnsPath: '/run/x' } }),
    { do: 'release-ports', ports: [range] },
    { do: 'put-host', host: { address: '127.0.0.77', port: 53 } },
    { do: 'remove-host' },
    { do: 'retain', sandboxes: ['s'], endpoints: [], ports: [range] },
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
    [reserve({ hostPort: 65_536 }), 'request.ports[0].hostPort is not a port'],
    [reserve({ hostPort: '80' }), 'request.ports[0].hostPort is not a port'],
    [reserve({ protocol: 'icmp' }), 'request.ports[0].protocol is not one of tcp, udp, sctp'],
    [reserve({ proxyTo: null }), 'request.ports[0].proxyTo is not an object'],
    [{ do: 'put-host', host: { address: 'localhost', port: 53 } }, 'request.host.address is not an address'],
  ] as const) {
    const expected =
      typeof message === 'string'
        ? `Cannot read request: ${message}`
        : new RegExp(message.source.replace('^', '^Cannot read request: '))
    assert.throws(() => parseRequest(request), { kind: 'invalid-argument', message: expected })
  }
})
