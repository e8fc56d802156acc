import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import { check, libcFunction } from '../../src/kernel/libc.ts'
import { Poller } from '../../src/kernel/poller.ts'
import { kernelTest } from '../support/kernel.ts'

const AF_UNIX = 1
const SOCK_SEQPACKET_CLOEXEC_NONBLOCK = 5 | 0o2004000
const socketpair = libcFunction('int socketpair(int domain, int type, int protocol, void *fds)')
const send = libcFunction('int64_t send(int fd, const void *data, size_t length, int flags)')
const recv = libcFunction('int64_t recv(int fd, void *data, size_t length, int flags)')
const pidfdOpen = libcFunction('int pidfd_open(int pid, unsigned int flags)')

/** Two ends of a socket that libuv refuses. */
function openPair(): { near: number; far: number } & Disposable {
  const fds = Buffer.alloc(8)
  check('open pair', socketpair(AF_UNIX, SOCK_SEQPACKET_CLOEXEC_NONBLOCK, 0, fds))
  const near = fds.readInt32LE(0)
  const far = fds.readInt32LE(4)
  return {
    near,
    far,
    [Symbol.dispose]() {
      closeSync(near)
      closeSync(far)
    },
  }
}

function say(fd: number, word: string): void {
  check('send', send(fd, Buffer.from(word), word.length, 0))
}

function hear(fd: number): string {
  const buffer = Buffer.alloc(100)
  return buffer.toString('utf8', 0, check('receive', recv(fd, buffer, buffer.length, 0)))
}

kernelTest('Poller.watch() calls back for each of many descriptors, again and again', async () => {
  await using poller = new Poller()
  using stack = new DisposableStack()
  const heard: string[] = []
  const all = Promise.withResolvers<void>()
  const pairs = Array.from({ length: 300 }, () => stack.use(openPair()))
  for (const [i, { near }] of pairs.entries())
    stack.use(
      poller.watch(near, 'read', () => {
        heard.push(`${i} ${hear(near)}`)
        if (heard.length === 300) for (const { far } of pairs) say(far, 'second')
        if (heard.length === 600) all.resolve()
      }),
    )
  for (const { far } of pairs) say(far, 'first')
  await all.promise
  assert.deepEqual(heard.slice(0, 300).sort(), pairs.map((_, i) => `${i} first`).sort())
  assert.deepEqual(heard.slice(300).sort(), pairs.map((_, i) => `${i} second`).sort())
})

kernelTest('Poller.watch() calls back again for what a callback left unread', async () => {
  await using poller = new Poller()
  using pair = openPair()
  say(pair.far, 'one')
  say(pair.far, 'two')
  const heard: string[] = []
  const done = Promise.withResolvers<void>()
  using _ = poller.watch(pair.near, 'read', () => {
    heard.push(hear(pair.near))
    if (heard.length === 2) done.resolve()
  })
  await done.promise
  assert.deepEqual(heard, ['one', 'two'])
})

kernelTest('Poller.watch() calls nobody who was disposed by an earlier callback of the same round', async () => {
  await using poller = new Poller()
  using a = openPair()
  using b = openPair()
  const calls: string[] = []
  const called = Promise.withResolvers<void>()
  const watches: Record<string, Disposable> = {}
  const first = (name: string, other: string) => () => {
    calls.push(name)
    watches[other]![Symbol.dispose]()
    watches[name]![Symbol.dispose]()
    called.resolve()
  }
  say(a.far, 'x')
  say(b.far, 'x')
  watches['a'] = poller.watch(a.near, 'read', first('a', 'b'))
  watches['b'] = poller.watch(b.near, 'read', first('b', 'a'))
  await called.promise
  await poller[Symbol.asyncDispose]()
  assert.equal(calls.length, 1)
})

kernelTest('Poller goes on after it has spun in vain', async () => {
  await using poller = new Poller({ spinMs: 0.1 })
  using pair = openPair()
  const heard: string[] = []
  let next = Promise.withResolvers<void>()
  using _ = poller.watch(pair.near, 'read', () => {
    heard.push(hear(pair.near))
    next.resolve()
  })
  for (const word of ['one', 'two', 'three']) {
    next = Promise.withResolvers()
    setTimeout(say, 5, pair.far, word) // long after the spinning has ended; in time or not, it is heard
    await next.promise
  }
  assert.deepEqual(heard, ['one', 'two', 'three'])
})

kernelTest('Poller.watch() tells when a descriptor may be written', async () => {
  await using poller = new Poller()
  using pair = openPair()
  const ready = Promise.withResolvers<void>()
  using _ = poller.watch(pair.near, 'write', ready.resolve)
  await ready.promise
})

kernelTest('Poller.watch() refuses a descriptor that is watched already', async () => {
  await using poller = new Poller()
  using pair = openPair()
  using _ = poller.watch(pair.near, 'read', () => {})
  assert.throws(() => poller.watch(pair.near, 'read', () => {}), { errno: 'EEXIST' })
})

kernelTest(
  'Poller.watch() forgets a descriptor that was closed too early, not the one that took its number',
  async () => {
    await using poller = new Poller()
    const pair = openPair()
    const stale = poller.watch(pair.near, 'read', () => {})
    pair[Symbol.dispose]()
    using reused = openPair()
    assert.equal(reused.near, pair.near)
    const heard = Promise.withResolvers<string>()
    using _ = poller.watch(reused.near, 'read', () => heard.resolve(hear(reused.near)))
    stale[Symbol.dispose]()
    say(reused.far, 'mine')
    assert.equal(await heard.promise, 'mine')
  },
)

kernelTest('Poller.watch() sees a process end through its pidfd', async () => {
  await using poller = new Poller()
  const child = spawn('cat', { stdio: ['pipe', 'ignore', 'ignore'] })
  await once(child, 'spawn')
  const fd = check('open pidfd', pidfdOpen(child.pid!, 0))
  const ended = Promise.withResolvers<void>()
  const closed = once(child, 'close')
  {
    using _ = poller.watch(fd, 'read', ended.resolve)
    child.stdin.end()
    await ended.promise
  }
  closeSync(fd)
  await closed
})

kernelTest('Poller can be disposed by a callback, and twice', async () => {
  const poller = new Poller()
  using pair = openPair()
  say(pair.far, 'x')
  const called = Promise.withResolvers<void>()
  poller.watch(pair.near, 'read', () => {
    poller[Symbol.dispose]()
    called.resolve()
  })
  await called.promise
  await poller[Symbol.asyncDispose]()
})

const preamble = `
  import { Poller } from './src/kernel/poller.ts'
  import { libcFunction } from './src/kernel/libc.ts'
  const socket = libcFunction('int socket(int domain, int type, int protocol)')
  const fd = socket(16, 3, 0)
  const poller = new Poller()
`

for (const [name, ending] of Object.entries({
  'nothing was ever watched': '',
  'nothing is watched any more': `poller.watch(fd, 'read', () => {})[Symbol.dispose]()`,
  'it is disposed while a thread waits': `poller.watch(fd, 'read', () => {}); poller[Symbol.dispose]()`,
  'the process exits while a thread waits': `poller.watch(fd, 'read', () => {}); setTimeout(() => process.exit(0), 20)`,
}))
  kernelTest(`Poller lets the process end when ${name}`, () => {
    const child = spawnSync(process.execPath, ['--input-type=module', '-e', preamble + ending], { timeout: 20_000 })
    assert.deepEqual([child.status, child.signal, String(child.stderr)], [0, null, ''])
  })
