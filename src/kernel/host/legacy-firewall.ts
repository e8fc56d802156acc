import { closeSync, readFileSync } from 'node:fs'
import { check, libcFunction } from '../libc.ts'
import type { NetworkNamespace } from '../namespace.ts'
import { AF_INET, AF_INET6 } from '../sockets/address-family.ts'
import { SOCK_CLOEXEC, SOCK_RAW, SOL_IP, SOL_IPV6, socket } from '../sockets/socket-calls.ts'

const IPPROTO_RAW = 255
const SO_GET_INFO = 64
const SO_GET_ENTRIES = 65
const FORWARD_HOOK = 2
const NF_DROP_VERDICT = -1
const nameBytes = 32

const getsockopt = libcFunction('int getsockopt(int fd, int level, int name, void *value, void *length)')

/** `addressBytes`: of the part that compares addresses, at the head of each rule: `struct ipt_ip`, `struct ip6t_ip6`. */
const families = {
  ip: { number: AF_INET, level: SOL_IP, names: '/proc/thread-self/net/ip_tables_names', addressBytes: 84 },
  ip6: { number: AF_INET6, level: SOL_IPV6, names: '/proc/thread-self/net/ip6_tables_names', addressBytes: 136 },
} as const

/**
 * Whether the old iptables drops what no rule of `FORWARD` takes. nft does not show its tables.
 *
 * A table that nobody has made yet is not made by looking.
 *
 * @throws {KernelError} `EPERM` without CAP_NET_ADMIN in the namespace
 * @source include/uapi/linux/netfilter_ipv4/ip_tables.h (`struct ipt_getinfo`, `struct ipt_entry`), ip6_tables.h
 */
export function legacyForwardDrops(namespace: NetworkNamespace, family: keyof typeof families): boolean {
  const { number, names } = families[family]
  return namespace.run(() => {
    if (!tablesIn(names).includes('filter')) return false
    const fd = check('open iptables', socket(number, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW))
    try {
      return forwardPolicy(fd, family) === NF_DROP_VERDICT
    } finally {
      closeSync(fd)
    }
  })
}

function tablesIn(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // a kernel without iptables
    throw error
  }
}

function forwardPolicy(fd: number, family: keyof typeof families): number {
  const { level, addressBytes } = families[family]
  // name, valid hooks, 5 first rules, 5 policies, number of rules, their size
  const info = ask(fd, level, SO_GET_INFO, nameBytes + 4 + 20 + 20 + 8, () => {})
  const policyAt = info.readUInt32LE(nameBytes + 4 + 20 + 4 * FORWARD_HOOK)
  const size = info.readUInt32LE(nameBytes + 4 + 20 + 20 + 4)
  const start = nameBytes + 8
  const rules = ask(fd, level, SO_GET_ENTRIES, start + size, (request) => request.writeUInt32LE(size, nameBytes))
  const policy = start + policyAt
  const targetOffset = rules.readUInt16LE(policy + addressBytes + 4)
  return rules.readInt32LE(policy + targetOffset + 32) // after `struct xt_entry_target`
}

function ask(fd: number, level: number, option: number, size: number, fill: (request: Buffer) => void): Buffer {
  const value = Buffer.alloc(size)
  value.write('filter')
  fill(value)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(size)
  check('read iptables', getsockopt(fd, level, option, value, length))
  return value
}
