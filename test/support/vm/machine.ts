import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { GuestEvent, GuestOrder } from './guest-events.ts'
import { findGuestKernel } from './guest-kernel.ts'
import { makeInitramfs } from './initramfs.ts'
import { shareWithGuest } from './share.ts'

/** How a machine differs from the ordinary one. */
export interface MachineOptions {
  /** Milliseconds until the guest must have started its tests: it takes about 6 s on an idle machine. */
  readonly bootMs?: number
  /** Milliseconds that all of it may take. */
  readonly totalMs?: number
  /** More words for the kernel's command line. */
  readonly append?: string
}

/**
 * Boots Debian's kernel under software emulation, runs test files in it, and hands on what they say.
 *
 * @throws when the guest panics, hangs, or ends before all files were run, with the end of its console
 */
export async function* runGuest(order: GuestOrder, options: MachineOptions = {}): AsyncGenerator<GuestEvent> {
  const { bootMs = 240_000, totalMs = 18 * 60_000 } = options
  await using stack = new AsyncDisposableStack()
  const directory = mkdtempSync(join(tmpdir(), 'wharf-vm-'))
  stack.defer(() => rmSync(directory, { recursive: true, force: true }))
  const kernel = findGuestKernel()
  const socket = stack.use(await shareWithGuest({ directory, order, kernel })).socket
  const initramfs = makeInitramfs(kernel, directory)
  const console = join(directory, 'console')
  const words = qemuWords({ image: kernel.image, initramfs, socket, console, append: options.append ?? '' })
  const machine = spawn('qemu-system-x86_64', words, { stdio: ['pipe', 'pipe', 'pipe'] })
  stack.defer(() => ended(machine))

  let complaint = ''
  machine.stderr.on('data', (chunk) => (complaint += chunk))
  const tooLate = (why: string): void => {
    complaint += `${why}\n`
    machine.kill('SIGKILL')
  }
  const boot = setTimeout(() => tooLate(`it had not started its tests after ${bootMs / 1000} s`), bootMs)
  const whole = setTimeout(() => tooLate(`it had not run its tests after ${totalMs / 1000} s`), totalMs)
  stack.defer(() => [boot, whole].forEach(clearTimeout))
  machine.on('error', (error) => tooLate(error.message))

  for await (const line of createInterface({ input: machine.stdout })) {
    const event = JSON.parse(line) as GuestEvent
    clearTimeout(boot)
    if (event.type === 'done') return
    yield event
  }
  const said = existsSync(console) ? readFileSync(console, 'utf8').split('\n').slice(-60).join('\n') : ''
  throw new Error(`the virtual machine ended before its tests: ${complaint.trim()}\nthe end of its console:\n${said}`)
}

interface Words {
  readonly image: string
  readonly initramfs: string
  /** Of what serves the share. */
  readonly socket: string
  readonly console: string
  readonly append: string
}

function qemuWords({ image, initramfs, socket, console, append }: Words): string[] {
  return [
    ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none'],
    // No KVM: the same everywhere. "max" has the instructions for AES, which ESP is slow without.
    ...['-machine', 'q35,accel=tcg,memory-backend=memory', '-cpu', 'max', '-smp', '2', '-m', '1536'],
    ...['-object', 'memory-backend-memfd,id=memory,size=1536M,share=on'], // the share reads and writes in it
    ...['-kernel', image, '-initrd', initramfs],
    ...['-append', `console=ttyS0 quiet loglevel=4 panic=-1 ${append}`], // a panic reboots, which ends the machine
    ...['-serial', `file:${console}`],
    ...['-chardev', 'stdio,id=results,signal=off', '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=results,name=results'],
    ...['-chardev', `socket,id=share,path=${socket}`, '-device', 'vhost-user-fs-pci,chardev=share,tag=share'],
  ]
}

async function ended(machine: ChildProcess): Promise<void> {
  if (machine.exitCode !== null || machine.signalCode !== null || machine.pid === undefined) return
  const exit = new Promise((resolve) => machine.once('exit', resolve))
  machine.kill('SIGKILL')
  await exit
}
