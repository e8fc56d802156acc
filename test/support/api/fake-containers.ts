import { PassThrough, Readable } from 'node:stream'
import { EngineError } from '../../../src/base/errors.ts'
import type { Session } from '../../../src/container/attach/session.ts'
import type { Containers, CreateRequest, ExecRecord, ExecRequest } from '../../../src/container/containers.ts'
import type { FakeSession } from './fake-engine.ts'
import { fakeContainer, runningState } from './fake-records.ts'
import { act, type FakeState, findIn } from './fake-state.ts'

function createSession(engine: FakeState): Session {
  const state: FakeSession = {
    stdout: new PassThrough(),
    stderr: new PassThrough(),
    stdin: new PassThrough(),
    disposed: false,
  }
  engine.sessions.push(state)
  const { stdout, stderr, stdin } = state
  return {
    stdout,
    stderr,
    stdin,
    closed: Promise.resolve(),
    [Symbol.dispose]() {
      state.disposed = true
    },
  }
}

/** Containers that are records and echo nothing. */
export function fakeContainers(engine: FakeState): Containers {
  const { records } = engine
  const find = (ref: string) => findIn(records, ref, `No such container: ${ref}`)
  const verb =
    (name: string) =>
    async (ref: string, ...rest: readonly unknown[]) => {
      act(engine, [name, find(ref).name, ...rest.map((value) => JSON.stringify(value))].join(' '))
    }
  return {
    writableBytes: async () => 0,
    usersOfVolume: () => [],
    async create(request: CreateRequest) {
      act(engine, `create ${JSON.stringify(request)}`)
      const image = request.config.Image ?? ''
      if (!image.startsWith('busybox')) throw new EngineError('not-found', `No such image: ${image}:latest`)
      const record = fakeContainer(`c${records.length}`, request.name ?? 'unnamed', {
        config: request.config,
        hostConfig: request.hostConfig,
        state: { ...runningState, status: 'created' },
      })
      records.push(record)
      return { id: record.id, warnings: [] }
    },
    find,
    list: () => records,
    pathsOf: (id) => ({ dir: `/c/${id}`, runDir: `/r/${id}`, rootfs: `/c/${id}/rootfs`, log: `/c/${id}/log` }),
    async start(ref) {
      act(engine, `start ${find(ref).name}`)
      return find(ref).state.status !== 'running'
    },
    async update(ref, update) {
      act(engine, `update ${find(ref).name} ${JSON.stringify(update)}`)
      return []
    },
    stopAll: async () => act(engine, 'stop all'),
    async stop(ref, options) {
      act(engine, `stop ${find(ref).name} ${JSON.stringify(options)}`)
      return find(ref).state.status === 'running'
    },
    async statPath(ref, path) {
      act(engine, `stat ${find(ref).name} ${path}`)
      return { name: path, mode: 0o100644, size: 0, mtimeNs: 0n, linkTarget: '' }
    },
    async packPath(ref, path) {
      return { found: await this.statPath(ref, path), content: Readable.from([Buffer.from('tar')]) }
    },
    unpackTo: async (ref, path) => act(engine, `unpack ${find(ref).name} ${path}`),
    changes: async (ref) => [{ kind: 'added', path: `/${find(ref).name}` }],
    async export(ref) {
      act(engine, `export ${find(ref).name}`)
      return Readable.from([Buffer.from('tar')])
    },
    async commit(ref, options) {
      act(engine, `commit ${find(ref).name} ${JSON.stringify(options)}`)
      return `sha256:${'c'.repeat(64)}`
    },
    restart: verb('restart'),
    kill: verb('kill'),
    pause: verb('pause'),
    unpause: verb('unpause'),
    rename: verb('rename'),
    remove: verb('remove'),
    async wait(ref, condition, signal) {
      act(engine, `wait ${find(ref).name} ${condition}`)
      return new Promise((resolve, reject) => {
        engine.waiters.push((exitCode) => resolve({ exitCode }))
        signal.addEventListener('abort', () => reject(signal.reason))
      })
    },
    async *logs(ref) {
      find(ref)
      yield engine.logEntries
    },
    async attach(ref, streams) {
      act(engine, `attach ${find(ref).name} ${JSON.stringify(streams)}`)
      return createSession(engine)
    },
    resize: verb('resize'),
    async top(ref, psArguments) {
      act(engine, `top ${find(ref).name} ${psArguments}`)
      return { titles: ['PID'], processes: [['1']] }
    },
    measure: async () => [],
    meters: [],
    async *stats(ref) {
      const { id, name } = find(ref)
      yield { containerId: id, containerName: name }
    },
    connectNetwork: verb('connect'),
    disconnectNetwork: verb('disconnect'),
    publishPorts: () => Promise.reject(new Error('not in the fake')),
    unpublishPorts: () => Promise.reject(new Error('not in the fake')),
    ...fakeExecs(engine, find),
  }
}

type ExecCalls = Pick<Containers, 'execCreate' | 'execStart' | 'execInspect' | 'execResize' | 'execsOf'>

function fakeExecs(engine: FakeState, find: Containers['find']): ExecCalls {
  const execs = new Map<string, ExecRecord>()
  const execOf = (id: string) => {
    const exec = execs.get(id)
    if (exec === undefined) throw new EngineError('not-found', `No such exec instance: ${id}`)
    return exec
  }
  return {
    async execCreate(ref: string, request: ExecRequest) {
      act(engine, `exec ${find(ref).name} ${request.command.join(' ')}`)
      const id = `e${execs.size}`
      execs.set(id, { id, containerId: find(ref).id, request, running: false, pid: 0 })
      return id
    },
    async execStart(id) {
      act(engine, `exec start ${execOf(id).id}`)
      return createSession(engine)
    },
    execInspect: execOf,
    execsOf: () => [],
    async execResize(id, size) {
      act(engine, `exec resize ${execOf(id).id} ${JSON.stringify(size)}`)
    },
  }
}
