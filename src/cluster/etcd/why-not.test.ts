import assert from 'node:assert/strict'
import { test } from 'node:test'
import { whyNot } from './why-not.ts'

/** As Node and OpenSSL say it. */
const cases: readonly [Error, string][] = [
  [new DOMException('The operation was aborted due to timeout', 'TimeoutError'), 'it does not answer in time'],
  [new DOMException('This operation was aborted', 'AbortError'), 'This operation was aborted'],
  [
    Object.assign(new Error('unable to verify the first certificate; if …'), {
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    }),
    'its certificate is of no authority that kv.cacertfile names',
  ],
  [
    Object.assign(new Error('40:error:0A000412:SSL …'), { reason: 'ssl/tls alert bad certificate' }),
    'it refuses this host’s certificate, kv.certfile: bad certificate',
  ],
  [
    Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }),
    'it hangs up: does it speak TLS? Then it needs kv.cacertfile',
  ],
  [
    Object.assign(new Error('Client network socket disconnected before secure TLS connection was established'), {
      code: 'ECONNRESET',
    }),
    'it speaks no TLS: leave out kv.cacertfile',
  ],
  [
    Object.assign(new Error('connect ECONNREFUSED 192.0.2.1:2379'), { code: 'ECONNREFUSED' }),
    'connect ECONNREFUSED 192.0.2.1:2379',
  ],
  [Object.assign(new Error(''), { code: 'ETIMEDOUT' }), 'ETIMEDOUT'],
]

for (const [error, why] of cases) test(`whyNot() says: ${why}`, () => assert.equal(whyNot(error), why))
