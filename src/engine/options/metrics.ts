import { parseMetricsAddress } from '../metrics/metrics-address.ts'
import { text } from './kinds.ts'
import { option } from './option.ts'

/** Numbers for Prometheus. */
export const metrics = {
  metricsAddr: option({
    key: 'metrics-addr',
    kind: text,
    fallback: '',
    check: (value) =>
      value === '' || parseMetricsAddress(value)
        ? undefined
        : 'it must be ADDRESS:PORT, with the address of an interface of this host, or :PORT for all of them',
    doc: 'Serve numbers for Prometheus at this address, on `/metrics`: `127.0.0.1:9323`. Whoever reaches it may read them; `GET /metrics` on the API’s own socket answers the same. Empty: nowhere.',
  }),
} as const
