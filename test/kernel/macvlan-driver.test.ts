import { KernelFeatures } from '../../src/kernel/host/features.ts'
import { MacvlanDriver } from '../../src/network/drivers/macvlan/macvlan-driver.ts'
import { ParentUsers } from '../../src/network/drivers/parent/parent-users.ts'
import { driverContract } from '../contracts/driver.ts'

const kernel = new KernelFeatures()

driverContract({
  create: () => new MacvlanDriver({ users: new ParentUsers(), kernel }) as never,
  spec: {
    id: '0123456789abcdef'.repeat(4),
    name: 'net',
    isDefault: false,
    internal: false,
    enableIPv6: true,
    options: { host_access: 'true' },
    subnets: [
      { prefix: '172.18.0.0/16', auxAddresses: { host_access: '172.18.0.9' } },
      { prefix: 'fd00:18::/64', auxAddresses: { host_access: 'fd00:18::9' } },
    ],
  },
  endpoint: {
    id: 'fedcba9876543210'.repeat(4),
    addresses: ['172.18.0.2/16', 'fd00:18::2/64'],
    mac: '02:42:ac:12:00:02',
    interfaceName: 'eth0',
    driverOptions: {},
  },
})
