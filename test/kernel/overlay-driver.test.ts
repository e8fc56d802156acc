import { OverlayDriver } from '../../src/network/drivers/overlay/overlay-driver.ts'
import { driverContract } from '../contracts/driver.ts'
import { overlaySpec } from '../support/overlay-lab.ts'

driverContract({
  create: () => new OverlayDriver() as never,
  spec: overlaySpec,
  endpoint: {
    id: 'fedcba9876543210'.repeat(4),
    addresses: ['10.0.0.2/24', 'fd00:10::2/64'],
    mac: '02:42:0a:00:00:02',
    interfaceName: 'eth0',
    driverOptions: {},
  },
  underlay: { address: '192.0.2.1', mtu: 1500 },
})
