import { execFileSync } from 'node:child_process'
import { check, libcFunction } from '../../src/kernel/libc.ts'

const CLONE_NEWNET = 0x40000000
const unshare = libcFunction('int unshare(int flags)')

/**
 * Moves this process for good into a network namespace of its own, with loopback up: for a test file whose sockets are
 * node's. The runner gives each file a process, so nobody else is moved; what the file starts is in there too.
 */
export function enterOwnNamespace(): void {
  check('create network namespace', unshare(CLONE_NEWNET))
  execFileSync('ip', ['link', 'set', 'lo', 'up'])
}
