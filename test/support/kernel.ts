import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, watch } from 'node:fs'
import { getuid } from 'node:process'
import { type TestContext, test } from 'node:test'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'

/** A machine's worth of networking that vanishes with the test. */
export interface Sandbox {
  readonly namespace: NetworkNamespace
  readonly netlink: NetlinkSocket
  /** What iproute2 sees: an independent witness, never our own decoder. */
  ip(...args: string[]): any
}

/** A test against the real kernel, in a network namespace of its own. */
export function kernelTest(name: string, body: (sandbox: Sandbox, t: TestContext) => Promise<void> | void): void {
  const skip = getuid?.() === 0 ? false : 'needs root (or: unshare -rn)'
  test(name, { skip }, async (t) => {
    watch('/', { persistent: false }).close() // Node keeps one descriptor for all watches, from the first one on
    const before = openFiles()
    {
      using namespace = NetworkNamespace.create()
      using netlink = new NetlinkSocket(namespace)
      await body(
        {
          namespace,
          netlink,
          ip: (...args) =>
            JSON.parse(
              execFileSync('nsenter', [`--net=${namespace.path}`, 'ip', '-j', '-d', ...args], { encoding: 'utf8' }),
            ),
        },
        t,
      )
    }
    assert.deepEqual(openFiles(), before, 'the test left file descriptors open')
  })
}

function openFiles(): string[] {
  return readdirSync('/proc/self/fd')
    .filter((fd) => existsSync(`/proc/self/fd/${fd}`))
    .sort()
}
