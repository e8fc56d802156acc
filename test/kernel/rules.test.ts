import assert from 'node:assert/strict'
import { NetlinkMonitor } from '../../src/kernel/netlink/netlink-monitor.ts'
import { listRules } from '../../src/kernel/netlink/rules.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

kernelTest('listRules() reads what ip wrote, as a VPN writes it', ({ namespace, netlink }) => {
  const rule = (...words: string[]) => runIn(namespace, 'ip', '-4', 'rule', 'add', ...words)
  rule('priority', '100', 'table', 'main', 'suppress_prefixlength', '0')
  rule('priority', '101', 'not', 'fwmark', '0xca6c', 'table', '51820')
  rule('priority', '102', 'from', '10.0.0.5', 'table', '7')
  rule('priority', '103', 'to', '10.9.0.0/16', 'unreachable')
  const seen = listRules(netlink).filter(({ family }) => family === 'ipv4')
  assert.deepEqual(
    seen.map(({ priority, table, suppressLength, concerns }) => [priority, table, suppressLength, concerns]),
    [
      [0, 255, undefined, 'everybody'],
      [100, 254, 0, 'everybody'],
      [101, 51_820, undefined, 'not-some'],
      [102, 7, undefined, 'some'],
      [103, undefined, undefined, 'some'],
      [32_766, 254, undefined, 'everybody'],
      [32_767, 253, undefined, 'everybody'],
    ],
  )
})

kernelTest('NetlinkMonitor tells of routing rules', async ({ namespace }) => {
  await using poller = new Poller()
  const heard = Promise.withResolvers<unknown>()
  using _ = new NetlinkMonitor({ namespace, poller, topics: ['rule'], onChange: heard.resolve })
  runIn(namespace, 'ip', '-6', 'rule', 'add', 'priority', '9', 'table', '300')
  assert.deepEqual(await heard.promise, {
    kind: 'rule',
    removed: false,
    rule: { family: 'ipv6', priority: 9, table: 300, suppressLength: undefined, concerns: 'everybody' },
  })
})
