import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  bringUpLoopback,
  createNamedNamespace,
  openNamedNamespace,
  removeNamedNamespace,
} from '../../src/kernel/named-namespace.ts'
import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { createVeth, findLink } from '../../src/kernel/netlink/links.ts'
import { findNamespaceId } from '../../src/kernel/netlink/namespace-ids.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { kernelTest } from '../support/kernel.ts'
import { runIn } from '../support/shell.ts'

function temporaryDir(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'wharf-netns-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

const inode = (path: string) => statSync(path).ino
const mounted = (path: string) => readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${path} `)

kernelTest('createNamedNamespace() makes one that outlives its handle, until it is removed', () => {
  using dir = temporaryDir()
  const path = join(dir.path, 'a', 'b')
  let made: number
  {
    using namespace = createNamedNamespace(path)
    made = inode(namespace.path)
    using netlink = new NetlinkSocket(namespace)
    bringUpLoopback(netlink)
  }
  assert.notEqual(made, inode('/proc/self/ns/net'))
  assert.equal(inode(path), made)
  {
    using namespace = openNamedNamespace(path)
    const [lo] = JSON.parse(runIn(namespace, 'ip', '-j', 'address', 'show', 'lo'))
    assert.deepEqual(
      lo.addr_info.map((one: any) => one.local),
      ['127.0.0.1', '::1'],
    )
  }
  for (let i = 0; i < 2; i++) removeNamedNamespace(path)
  assert.deepEqual([existsSync(path), mounted(path)], [false, false])
})

kernelTest('createNamedNamespace() refuses a path that is taken, and leaves what is there', () => {
  using dir = temporaryDir()
  const path = join(dir.path, 'a')
  createNamedNamespace(path)[Symbol.dispose]()
  const before = inode(path)
  assert.throws(() => createNamedNamespace(path), { code: 'EEXIST' })
  assert.equal(inode(path), before)
  removeNamedNamespace(path)
})

kernelTest('removeNamedNamespace() removes a file that nothing is mounted on, and nothing', () => {
  using dir = temporaryDir()
  removeNamedNamespace(join(dir.path, 'none'))
  removeNamedNamespace(join(dir.path, 'none', 'none'))
  assert.throws(() => openNamedNamespace(join(dir.path, 'none')), { code: 'ENOENT' })
})

kernelTest('findNamespaceId() gives the number that a link to there carries', ({ netlink }) => {
  using inside = NetworkNamespace.create()
  using elsewhere = NetworkNamespace.create()
  assert.equal(findNamespaceId(netlink, inside), undefined)
  const index = createVeth(netlink, { name: 'a', peer: { name: 'b', namespace: inside } })
  assert.equal(findNamespaceId(netlink, inside), findLink(netlink, index)?.linkNamespaceId)
  assert.equal(findNamespaceId(netlink, elsewhere), undefined)
})

kernelTest('NetworkNamespace.run() comes home, also after a failure', ({ namespace }) => {
  const home = inode('/proc/thread-self/ns/net')
  const there = namespace.run(() => inode('/proc/thread-self/ns/net'))
  assert.equal(there, inode(namespace.path))
  assert.throws(
    () =>
      namespace.run(() => {
        throw new Error('x')
      }),
    /^Error: x$/,
  )
  assert.equal(inode('/proc/thread-self/ns/net'), home)
  using current = NetworkNamespace.current()
  assert.equal(inode(current.path), home)
})
