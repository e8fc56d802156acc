import { readFileSync, writeFileSync } from 'node:fs'
import { EngineError, KernelError } from '../base/errors.ts'
import type { NetworkNamespace } from './namespace.ts'

/**
 * Reads a `net.…` setting of a namespace; undefined when this kernel has no such setting there.
 *
 * @param name  `"net.ipv4.ip_forward"`; as for sysctl(8), a dot inside a part is written `/`, or the whole name with
 *   slashes: `"net/ipv4/conf/eth0.5/forwarding"`
 * @returns without the final line end; several values as the kernel separates them, with tabs
 * @throws {EngineError} `invalid-argument` when the name is not below `net`
 */
export function readSysctl(namespace: NetworkNamespace, name: string): string | undefined {
  const path = pathOf(name)
  try {
    return readIn(namespace, path)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new KernelError(`read sysctl "${name}"`, codeOf(error))
  }
}

/** Writes a `net.…` setting of a namespace. @throws {KernelError} `ENOENT` when there is none, `EINVAL`, `EROFS` */
export function writeSysctl(namespace: NetworkNamespace, name: string, value: string): void {
  const path = pathOf(name)
  try {
    namespace.run(() => writeFileSync(path, value, { flag: 'r+' }))
  } catch (error) {
    throw new KernelError(`set sysctl "${name}" to "${value}"`, codeOf(error))
  }
}

/** Makes a setting have a value. @returns whether it had another */
export function ensureSysctl(namespace: NetworkNamespace, name: string, value: string): boolean {
  if (words(readSysctl(namespace, name)) === words(value)) return false
  writeSysctl(namespace, name, value)
  return true
}

/** /proc/sys/net shows the namespace of the thread that opens it: opened and used in one synchronous moment. */
function readIn(namespace: NetworkNamespace, path: string): string {
  return namespace.run(() => readFileSync(path, 'utf8')).replace(/\n$/, '')
}

function pathOf(name: string): string {
  const [separator] = /[./]/.exec(name) ?? []
  const swap: Readonly<Record<string, string>> = { '.': '/', '/': '.' }
  const path = separator === '.' ? name.replaceAll(/[./]/g, (sign) => swap[sign] ?? sign) : name
  const parts = path.split('/')
  if (parts[0] !== 'net' || parts.length < 2 || parts.some((part) => ['', '.', '..'].includes(part)))
    throw new EngineError('invalid-argument', `Cannot use sysctl "${name}": it is not a name below "net"`)
  return `/proc/sys/${path}`
}

function words(value: string | undefined): string | undefined {
  return value?.trim().replaceAll(/\s+/g, ' ')
}

function codeOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  if (code === undefined) throw error
  return code
}
