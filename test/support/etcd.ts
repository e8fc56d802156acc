import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runOk } from './finished.ts'
import type { Host } from './host.ts'

const startMs = 20_000

/** How to start etcd. */
export interface EtcdOptions {
  /** Members: 1 unless told. */
  readonly count?: number
  /** Whose network namespace it lives in; this process's own unless told (see `enterOwnNamespace`). */
  readonly host?: Host
  /** Where clients and other members find it: `"127.0.0.1"` unless told. It listens on every address of the host. */
  readonly address?: string
  /** Files in PEM: clients must show a certificate of that authority. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
}

/** A real etcd that can be broken. Disposing of it ends it and removes its data. */
export interface Etcd extends AsyncDisposable {
  /** Ports that clients speak to, one for each member. */
  readonly ports: readonly number[]
  /** `"http://127.0.0.1:2379"`, one for each member. */
  readonly members: readonly string[]
  /** Processes, one for each member; 0 for one that was killed. */
  readonly pids: readonly number[]
  /** Runs etcdctl with all members named. */
  ctl(...args: string[]): Promise<string>
  /** Ends a member as a power failure would. */
  kill9(index: number): Promise<void>
  /** Starts a member again on its data. */
  start(index: number): Promise<void>
  /** Writes a backup. */
  save(file: string): Promise<void>
  /** Ends all members, replaces their data by a backup, and starts them again. */
  restore(file: string): Promise<void>
}

/** Starts etcd and waits until it serves. */
export async function startEtcd(options: EtcdOptions = {}): Promise<Etcd> {
  const { count = 1, host, address = '127.0.0.1', tls } = options
  const root = mkdtempSync(join(tmpdir(), 'etcd-'))
  const scheme = tls ? 'https' : 'http'
  const ports = Array.from({ length: count }, (_, index) => 2379 + 10 * index)
  const urls = ports.map((port) => `${scheme}://${address}:${port}`)
  const peers = ports.map((port, index) => ({ name: `m${index}`, url: `http://${address}:${port + 1}` }))
  const cluster = peers.map(({ name, url }) => `${name}=${url}`).join(',')
  const enter = (command: string, args: string[]): [string, string[]] =>
    host ? host.enter(command, ...args) : [command, args]
  const children: (ChildProcess | undefined)[] = ports.map(() => undefined)
  const dataOf = (index: number) => join(root, `data${index}`)

  const start = async (index: number): Promise<void> => {
    const { name, url } = peers[index]!
    const listen = `${scheme}://0.0.0.0:${ports[index]}`
    const child = spawn(
      ...enter('etcd', [
        ...['--name', name, '--data-dir', dataOf(index), '--logger', 'zap', '--log-outputs', 'stderr'],
        ...['--listen-client-urls', listen, '--advertise-client-urls', urls[index]!],
        ...['--listen-peer-urls', url, '--initial-advertise-peer-urls', url, '--initial-cluster', cluster],
        ...['--heartbeat-interval', '50', '--election-timeout', '500'],
        ...(tls
          ? ['--trusted-ca-file', tls.ca, '--cert-file', tls.cert, '--key-file', tls.key, '--client-cert-auth']
          : []),
      ]),
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    children[index] = child
    await ready(child)
  }
  const kill9 = async (index: number): Promise<void> => {
    const child = children[index]
    children[index] = undefined
    if (child === undefined) return
    const closed = Promise.withResolvers<void>()
    child.on('close', () => closed.resolve())
    child.kill('SIGKILL')
    await closed.promise
  }
  const startAll = () => Promise.all(ports.map((_, index) => start(index)))
  const killAll = () => Promise.all(ports.map((_, index) => kill9(index)))
  const certificates = tls ? ['--cacert', tls.ca, '--cert', tls.cert, '--key', tls.key] : []
  const ctl = (...args: string[]) =>
    runOk(...enter('etcdctl', ['--endpoints', urls.join(','), ...certificates, ...args]), { env: { ETCDCTL_API: '3' } })

  mkdirSync(root, { recursive: true })
  const end = async () => {
    await killAll()
    rmSync(root, { recursive: true, force: true })
  }
  try {
    await startAll()
  } catch (error) {
    await end()
    throw error
  }
  return {
    ports,
    members: urls,
    get pids() {
      return children.map((child) => child?.pid ?? 0)
    },
    ctl,
    kill9,
    start,
    save: async (file) => {
      const one = ['--endpoints', urls[0]!, ...certificates, 'snapshot', 'save', file]
      await runOk(...enter('etcdctl', one), { env: { ETCDCTL_API: '3' } })
    },
    restore: async (file) => {
      await killAll()
      for (const [index, { name, url }] of peers.entries()) {
        rmSync(dataOf(index), { recursive: true })
        const place = ['--name', name, '--data-dir', dataOf(index), '--initial-cluster', cluster]
        const words = ['snapshot', 'restore', file, ...place, '--initial-advertise-peer-urls', url]
        await runOk('etcdctl', words, { env: { ETCDCTL_API: '3' } })
      }
      await startAll()
    },
    [Symbol.asyncDispose]: end,
  }
}

async function ready(child: ChildProcess): Promise<void> {
  const started = Promise.withResolvers<void>()
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => {
    if (said.length < 100_000) said += chunk
    if (said.includes('serving client traffic')) started.resolve()
  })
  child.on('error', (error) => started.reject(error))
  child.on('exit', (code) => started.reject(new Error(`etcd ended (${code}) before it served:\n${said}`)))
  const timer = setTimeout(() => started.reject(new Error(`etcd did not get ready:\n${said}`)), startMs)
  await started.promise.finally(() => clearTimeout(timer))
}
