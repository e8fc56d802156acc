import { act, createContainer, inspectContainer, removeContainer } from '../../src/client/containers.ts'
import { Transport } from '../../src/client/transport.ts'
import { type Daemon, startDaemon } from '../../test/support/daemon.ts'
import { type Cli, wharfCli } from '../../test/support/docker.ts'
import { createHost, type Host } from '../../test/support/host.ts'
import { importBusybox } from '../../test/support/image.ts'

/** One engine on a host of its own, with the image busybox, driven through its API. */
export interface BenchEngine extends AsyncDisposable {
  readonly host: Host
  readonly daemon: Daemon
  readonly cli: Cli
  readonly transport: Transport
  /** Creates a container that sleeps. */
  create(network: string, settings?: object): Promise<string>
  start(id: string): Promise<void>
  remove(id: string): Promise<void>
  /** Path of its network namespace. */
  namespaceOf(id: string): Promise<string>
}

/** Starts an engine for a bench. @param place  where, if not on a host of its own, and with which flags */
export async function openBenchEngine(place?: {
  readonly host: Host
  readonly flags: readonly string[]
}): Promise<BenchEngine> {
  await using stack = new AsyncDisposableStack()
  const host = place?.host ?? stack.use(createHost())
  const daemon = stack.use(await startDaemon({ host, flags: place?.flags ?? [] }))
  const cli = stack.use(wharfCli(daemon.socket))
  await importBusybox(cli)
  const transport = new Transport(`unix://${daemon.socket}`)
  const owned = stack.move()
  return {
    host,
    daemon,
    cli,
    transport,
    create: async (network, settings = {}) => {
      const body = { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: network, ...settings } }
      return (await createContainer(transport, body, {})).Id
    },
    start: (id) => act(transport, id, 'start'),
    remove: (id) => removeContainer(transport, id, { force: true }),
    namespaceOf: async (id) => (await inspectContainer(transport, id)).NetworkSettings.SandboxKey,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
