import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, statSync, watch } from 'node:fs'
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
    const left = openFiles().filter((file) => !before.includes(file))
    assert.deepEqual(left, [], 'the test left file descriptors open')
  })
}

/** Number and file of each descriptor. Node may still be closing some of its own when a test begins. */
function openFiles(): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const file = statSync(`/proc/self/fd/${fd}`, { throwIfNoEntry: false })
    return file === undefined ? [] : [`${fd} ${file.dev}:${file.ino}`]
  })
}
