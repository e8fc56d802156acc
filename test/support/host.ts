import { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { findLink, setLink } from '../../src/kernel/netlink/links.ts'
import { NetlinkSocket } from '../../src/kernel/netlink/netlink-socket.ts'
import { ensureSysctl } from '../../src/kernel/sysctl.ts'
import { type Finished, type RunOptions, run, runOk } from './finished.ts'

/** A network namespace that plays the part of a machine: an engine, its clients and its neighbours live in such ones. */
export interface Host extends Disposable {
  readonly namespace: NetworkNamespace
  /** A socket that speaks rtnetlink in it. */
  readonly netlink: NetlinkSocket
  /** A command line that runs `command` in it: for `spawn`. */
  enter(command: string, ...args: string[]): [string, string[]]
  /** Runs a program in it, to its end. */
  exec(command: string, args: readonly string[], options?: RunOptions): Promise<Finished>
  /** Like `exec`, but a failure is thrown; answers stdout. */
  execOk(command: string, args: readonly string[], options?: RunOptions): Promise<string>
  /** What iproute2 sees: an independent witness, never our own decoder. */
  ip(...args: string[]): Promise<any>
}

/** Makes a host with nothing but a loopback interface, up. It goes away with its last process and this object. */
export function createHost(): Host {
  using stack = new DisposableStack()
  const namespace = stack.use(NetworkNamespace.create())
  const netlink = stack.use(new NetlinkSocket(namespace))
  setLink(netlink, findLink(netlink, 'lo')!.index, { up: true })
  ensureSysctl(namespace, 'net.ipv4.ip_forward', '0') // else as the machine has it

  const enter = (command: string, ...args: string[]): [string, string[]] => [
    'nsenter',
    [`--net=${namespace.path}`, command, ...args],
  ]
  const owned = stack.move()
  return {
    namespace,
    netlink,
    enter,
    exec: (command, args, options) => run(...enter(command, ...args), options),
    execOk: (command, args, options) => runOk(...enter(command, ...args), options),
    ip: async (...args) => JSON.parse(await runOk(...enter('ip', '-j', '-d', ...args))),
    [Symbol.dispose]: () => owned.dispose(),
  }
}
