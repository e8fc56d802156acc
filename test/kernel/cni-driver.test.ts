import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { CniDriver } from '../../src/network/drivers/cni/cni-driver.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import { driverContract } from '../contracts/driver.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'wharf-cni-'))
after(() => rmSync(dataDir, { recursive: true }))
const config = {
  cniVersion: '1.0.0',
  name: 'contract',
  type: 'ptp',
  ipam: { type: 'host-local', dataDir, subnet: '172.18.0.0/16', routes: [{ dst: '0.0.0.0/0' }] },
}

driverContract({
  create: () =>
    new CniDriver({
      attachments: openSqliteStore(':memory:').collection('cni-attachment'),
      cniPath: '/usr/lib/cni',
      timeoutMs: 30_000,
    }) as never,
  spec: {
    id: '0123456789abcdef'.repeat(4),
    name: 'net',
    isDefault: false,
    internal: false,
    enableIPv6: false,
    options: { config: JSON.stringify(config) },
    subnets: [],
  },
  endpoint: {
    id: 'fedcba9876543210'.repeat(4),
    addresses: ['172.18.0.2/16'],
    mac: '',
    interfaceName: 'eth0',
    driverOptions: {},
  },
})
