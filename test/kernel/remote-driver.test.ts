import { Background } from '../../src/base/background.ts'
import { silentLog } from '../../src/base/log.ts'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import type { NetworkDriver } from '../../src/network/driver.ts'
import { RemoteDriver } from '../../src/network/drivers/remote/remote-driver.ts'
import { NetworkTable } from '../../src/network/network-table.ts'
import { pluginPlaces } from '../../src/plugins/find-plugin.ts'
import { Plugins } from '../../src/plugins/plugins.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import type { Store } from '../../src/store/store.ts'
import { driverContract } from '../contracts/driver.ts'
import { startNetworkPlugin } from '../support/network-plugin.ts'

let directory = ''
let store: Store

/** A plugin that wires containers on `host`, and a store for what it is owed. */
async function prepare(host: NetworkNamespace): Promise<AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const enter = (command: string, ...args: string[]): [string, string[]] => [
    'nsenter',
    [`--net=${host.path}`, command, ...args],
  ]
  const plugin = stack.use(await startNetworkPlugin({ enter }, 'wirer'))
  directory = plugin.directory
  store = stack.use(openSqliteStore(':memory:'))
  return stack.move()
}

function create(): NetworkDriver {
  return new RemoteDriver('wirer', {
    plugins: new Plugins({ places: pluginPlaces(directory), timeoutMs: 5000 }),
    book: new NetworkTable(store),
    background: new Background((what, error) => {
      throw new Error(`cannot ${what}`, { cause: error })
    }),
    log: silentLog,
    onReturn: async () => {},
  }) as NetworkDriver
}

driverContract({
  ...{ name: 'remote', create, prepare },
  spec: {
    ...{ id: '0123456789abcdef'.repeat(4), name: 'net', isDefault: false, internal: false, enableIPv6: true },
    options: {},
    subnets: [
      { prefix: '172.18.0.0/16', gateway: '172.18.0.1' },
      { prefix: 'fd00:18::/64', gateway: 'fd00:18::1' },
    ],
  },
  endpoint: {
    ...{ id: 'fedcba9876543210'.repeat(4), mac: '02:42:ac:12:00:02', interfaceName: 'eth0', driverOptions: {} },
    addresses: ['172.18.0.2/16', 'fd00:18::2/64'],
  },
})
