import { type Daemon, startDaemon } from '../test/support/daemon.ts'
import { type Cli, wharfCli } from '../test/support/docker.ts'
import type { Finished } from '../test/support/finished.ts'
import type { Host } from '../test/support/host.ts'
import { createLan } from '../test/support/hosts.ts'
import { importBusybox } from '../test/support/image.ts'
import type { Narrator } from './narrator.ts'

/** Everything that the demonstration plays with: two hosts on a wire, an engine on the first, a client. */
export interface World extends AsyncDisposable {
  readonly narrator: Narrator
  readonly daemon: Daemon
  readonly cli: Cli
  /** The host that the engine runs on. */
  readonly host: Host
  readonly hostAddress: string
  /** Another host, on the same wire. */
  readonly neighbour: Host
  readonly neighbourAddress: string
  /** Shows a command, runs it with `wharf`, shows what it printed. */
  wharf(line: string, ...more: string[]): Promise<Finished>
  /** The same without showing what it printed. */
  quietly(line: string): Promise<string>
  /** Shows a command, runs it in a host's network namespace, shows what it printed. */
  on(host: Host, line: string): Promise<string>
}

/** Makes two hosts out of network namespaces, starts an engine on the first, and gives it an image. */
export async function createWorld(narrator: Narrator): Promise<World> {
  await using stack = new AsyncDisposableStack()
  const lan = stack.use(createLan(2))
  const [host, neighbour] = lan.hosts as [Host, Host]
  const [hostAddress, neighbourAddress] = lan.addresses as [string, string]
  // Names from outside are asked of the neighbour, which has none: a question never leaves this machine.
  const daemon = stack.use(await startDaemon({ host, config: { dns: [neighbourAddress] } }))
  const cli = stack.use(wharfCli(daemon.socket))
  await importBusybox(cli)

  const wharf = async (line: string, ...more: string[]): Promise<Finished> => {
    narrator.command(`wharf ${line}${more.map((word) => ` '${word}'`).join('')}`)
    const finished = await cli.run([...line.split(' '), ...more])
    narrator.output(finished.stdout + finished.stderr)
    return finished
  }
  const quietly = async (line: string): Promise<string> => {
    narrator.command(`wharf ${line}`)
    return (await cli.run(line.split(' '))).stdout.trim()
  }
  const on = async (which: Host, line: string): Promise<string> => {
    narrator.command(`${which === host ? 'host' : 'neighbour'}: ${line}`)
    const { stdout, stderr } = await which.exec('/bin/busybox', ['sh', '-c', line])
    narrator.output(stdout + stderr)
    return stdout
  }
  const owned = stack.move()
  return {
    narrator,
    daemon,
    cli,
    host,
    hostAddress,
    neighbour,
    neighbourAddress,
    wharf,
    quietly,
    on,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
