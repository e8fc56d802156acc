import { clusterStoreProblem, storeOptions } from '../../cluster/settings.ts'
import { map, text } from './kinds.ts'
import { option } from './option.ts'

const stores = Object.entries(storeOptions).map(([name, doc]) => `\`${name}\` (${doc})`)

/** The hosts that share networks. Docker had these until version 23, with the same names. */
export const cluster = {
  clusterStore: option({
    key: 'cluster-store',
    kind: text,
    fallback: '',
    check: clusterStoreProblem,
    doc: 'The etcd that hosts share networks through: `etcd://HOST:2379[,HOST:2379]`. Empty: this host is alone.',
  }),
  clusterAdvertise: option({
    key: 'cluster-advertise',
    kind: text,
    fallback: '',
    doc: 'Where other hosts find this one: an interface or an address of it, `eth1`, `192.0.2.1`. A port is taken and has no effect.',
  }),
  clusterStoreOptions: option({
    key: 'cluster-store-opts',
    flag: 'cluster-store-opt',
    kind: map,
    fallback: {},
    doc: `Options of the cluster store: ${stores.join('; ')}.`,
  }),
} as const
