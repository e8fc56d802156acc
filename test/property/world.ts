import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { type Daemon, startDaemon } from '../support/daemon.ts'
import { dockerCli } from '../support/docker.ts'
import { type Finished, run } from '../support/finished.ts'
import type { Host } from '../support/host.ts'
import { createLan } from '../support/hosts.ts'
import { importBusybox } from '../support/image.ts'
import { processesOf } from '../support/sweep.ts'
import { type Helper, runHelper } from '../support/web.ts'
import type { Answer, Request } from './operation.ts'
import { heldPort } from './ports.ts'
import { chainsOf } from './witnesses.ts'

export const addressOfHost = '192.0.2.1'
export const addressOutside = '192.0.2.2'
/** An interface of the host for networks on its wire, where there is nobody; and the other end of that. */
export const [parentName, farEnd] = ['lan1', 'lan2'] as const
export const makeParent = `ip link add ${parentName} up type veth peer name ${farEnd} && ip link set ${farEnd} up`

/** A real daemon on a host with a neighbour, with the image `busybox`, and a program of the host that has a port. */
export class World implements AsyncDisposable {
  readonly host: Host
  /** The other machine on its wire. */
  readonly outside: Host
  readonly daemon: Daemon
  /** The ids of all containers that it ever told of. */
  readonly known = new Set<string>()
  /** The chains of the firewall, as they were in the beginning. */
  chains = ''
  readonly #stack: AsyncDisposableStack

  private constructor([host, outside]: readonly [Host, Host], daemon: Daemon, stack: AsyncDisposableStack) {
    this.host = host
    this.outside = outside
    this.daemon = daemon
    this.#stack = stack
  }

  static async open(): Promise<World> {
    await using stack = new AsyncDisposableStack()
    const [host, outside] = stack.use(createLan(2)).hosts as [Host, Host]
    stack.use(await holdPort(host))
    const { code, stderr } = await host.exec('sh', ['-c', makeParent])
    if (code !== 0) throw new Error(`${makeParent}: ${stderr}`)
    const daemon = stack.use(await startDaemon({ host, config: { debug: false } }))
    using docker = dockerCli(daemon.socket)
    await importBusybox(docker)
    const world = new World([host, outside], daemon, stack.move())
    world.chains = chainsOf(JSON.parse((await world.sh('nft -j list table inet wharf')).stdout))
    return world
  }

  /** Asks the daemon, on a connection of its own. Undefined: it died before it answered. */
  async ask({ method, path, body }: Request): Promise<Answer | undefined> {
    const versioned = path.startsWith('/wharf/') ? path : `/v1.51${path}`
    const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>()
    const call = request({ socketPath: this.daemon.socket, method, path: versioned, agent: false }, (response) => {
      const { statusCode: status = 0, headers } = response
      text(response).then(
        (said) => resolve({ status, body: said === '' ? undefined : JSON.parse(said) }),
        (error) => {
          if (error.code === 'ECONNRESET') resolve(undefined)
          else reject(new Error(`${method} ${path}: ${status} ${JSON.stringify(headers)}: ${error.message}`))
        },
      )
    })
    call.setTimeout(60_000, () => call.destroy(new Error(`${method} ${path}: no answer after 60 s`)))
    call.on('error', (error: NodeJS.ErrnoException) => {
      if (['ECONNRESET', 'ECONNREFUSED', 'ENOENT', 'EPIPE'].includes(error.code ?? '')) resolve(undefined)
      else reject(error)
    })
    if (body !== undefined) call.setHeader('content-type', 'application/json')
    call.end(body === undefined ? undefined : JSON.stringify(body))
    return promise
  }

  /** What a GET gives, which must succeed. */
  async get(path: string): Promise<any> {
    const answer = await this.ask({ method: 'GET', path })
    if (answer?.status === 200) return answer.body
    throw new Error(`GET ${path}: ${answer === undefined ? 'the daemon is dead' : JSON.stringify(answer)}`)
  }

  /** Runs a shell line on the host, in its network namespace. */
  sh(line: string): Promise<Finished> {
    return this.host.exec('sh', ['-c', line])
  }

  /** Runs a program in the network namespace at `path`. */
  inside(path: string, ...words: string[]): Promise<Finished> {
    return run('nsenter', [`--net=${path}`, ...words])
  }

  resolver(): number | undefined {
    return processesOf(this.daemon.root).find(({ command }) => /main\.ts resolver\b/.test(command))?.pid
  }

  /** Removes all containers, then all networks and volumes. @returns what could not be removed */
  async clear(): Promise<string[]> {
    const left: string[] = []
    const remove = async (path: string) => {
      const answer = await this.ask({ method: 'DELETE', path })
      if (answer?.status !== 204) left.push(`${path}: ${JSON.stringify(answer)}`)
    }
    for (const { Id } of await this.get('/containers/json?all=1')) await remove(`/containers/${Id}?force=1`)
    const networks: { Id: string; Name: string; ConfigOnly: boolean }[] = await this.get('/networks')
    const own = networks.filter(({ Name }) => !['bridge', 'host', 'none'].includes(Name))
    // Templates last: they stay while a network that was made from them is there.
    for (const { Id } of own.toSorted((a, b) => Number(a.ConfigOnly) - Number(b.ConfigOnly)))
      await remove(`/networks/${Id}`)
    for (const { Name } of (await this.get('/volumes')).Volumes) await remove(`/volumes/${Name}`)
    return left
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#stack.disposeAsync()
  }
}

function holdPort(host: Host): Promise<Helper> {
  const source = `require('node:net').createServer().listen(${heldPort}, '::', () => console.log('ready'))`
  return runHelper(host.namespace.path, source)
}
