import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { RawHttp } from './raw-http.ts'

/** One request that cannot be, and Docker's answer to it. */
export interface Row {
  readonly title: string
  readonly ask: readonly [method: string, path: string, body?: unknown]
  readonly status: number
  /** The whole message, or all of it as a pattern where it holds ids. */
  readonly message: string | RegExp
}

/** Asks each, as a test of its own. */
export async function checkRows(t: TestContext, ask: RawHttp, rows: readonly Row[]): Promise<void> {
  for (const row of rows) {
    await t.test(row.title, async () => {
      const { status, json } = await ask(...row.ask)
      if (typeof row.message === 'string')
        assert.deepEqual({ status, json }, { status: row.status, json: { message: row.message } })
      else {
        assert.match(json.message, row.message)
        assert.deepEqual([status, Object.keys(json)], [row.status, ['message']])
      }
    })
  }
}

/** `POST /networks/create`. */
export const create = (body: object): Row['ask'] => ['POST', '/networks/create', body]
/** … with parts of its addresses said. */
export const withIpam = (...Config: object[]) => create({ Name: 'x', IPAM: { Driver: 'default', Config } })
/** `POST /networks/{id}/connect`. */
export const connect = (network: string, Container: string, EndpointConfig = {}): Row['ask'] => [
  'POST',
  `/networks/${network}/connect`,
  { Container, EndpointConfig },
]
/** `POST /networks/{id}/disconnect`. */
export const disconnect = (network: string, Container: string, Force = false): Row['ask'] => [
  'POST',
  `/networks/${network}/disconnect`,
  { Container, Force },
]
/** `POST /containers/create` on one network. */
export const wishFor = (network: string, endpoint: object): Row['ask'] => [
  'POST',
  '/containers/create',
  {
    Image: 'busybox',
    HostConfig: { NetworkMode: network },
    NetworkingConfig: { EndpointsConfig: { [network]: endpoint } },
  },
]
