import { type ChildProcess, spawn } from 'node:child_process'
import { copyFileSync, existsSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { GuestOrder } from './guest-events.ts'
import type { GuestKernel } from './guest-kernel.ts'
import { packCheckout } from './pack-checkout.ts'

const top = join(import.meta.dirname, '../../..')
const servers = ['/usr/lib/qemu/virtiofsd', '/usr/libexec/virtiofsd']
const startMs = 30_000

/** What serves files to a guest, until it is disposed of. */
export interface Share extends AsyncDisposable {
  /** For QEMU. */
  readonly socket: string
}

/** Serves this machine's programs, a packed copy of this checkout and the kernel's modules to a guest, read-only. */
export async function shareWithGuest(parts: {
  readonly directory: string
  readonly order: GuestOrder
  readonly kernel: GuestKernel
}): Promise<Share> {
  const { directory, order, kernel } = parts
  const server = servers.find((path) => existsSync(path))
  if (server === undefined) throw new Error('there is no virtiofsd, which the Debian package qemu-system-common has')
  writeFileSync(join(directory, 'modules'), join(kernel.directory, 'lib/modules'))
  writeFileSync(join(directory, 'order.json'), JSON.stringify(order))
  writeFileSync(join(directory, 'order.sh'), orderScript())
  copyFileSync(join(import.meta.dirname, 'guest.sh'), join(directory, 'guest.sh'))

  packCheckout(top, directory)

  const script = join(import.meta.dirname, 'share.sh')
  const words = ['--mount', '--propagation', 'private', 'sh', script, directory, server, ...shownPaths()]
  const child = spawn('unshare', words, { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  const socket = join(directory, 'share.sock')
  await listening(child, socket, () => said)
  return { socket, [Symbol.asyncDispose]: () => ended(child) }
}

/** What the guest's shell reads: Node and the programs are where they are here. */
function orderScript(): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
  return `PATH=${quoted(process.env['PATH'] ?? '')}\nNODE=${quoted(process.execPath)}\nTOP=${quoted(top)}\n`
}

/** Outside /usr, which the guest has anyway. */
function shownPaths(): string[] {
  const node = dirname(dirname(process.execPath))
  return [node].filter((path) => !path.startsWith('/usr/') && path !== '/')
}

async function listening(child: ChildProcess, socket: string, said: () => string): Promise<void> {
  const deadline = performance.now() + startMs
  while (!existsSync(socket)) {
    if (child.exitCode !== null || performance.now() > deadline) {
      await ended(child)
      throw new Error(`Cannot share files with the virtual machine: ${said().trim() || 'nothing listens'}`)
    }
    await sleep(20)
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await exit
}
