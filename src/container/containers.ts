import type { Readable } from 'node:stream'
import type { Meter } from '../base/meters.ts'
import type { PublishedPort } from '../network/model.ts'
import type { ContainerConfig, EndpointSettings, HostConfig } from '../protocol/container.ts'
import type { Session, SessionStreams, TerminalSize } from './attach/session.ts'
import type { MeantPort, PortBindings } from './create/port-bindings.ts'
import type { CommitOptions } from './files/commit-container.ts'
import type { CopyOptions, PackedPath } from './files/copy-files.ts'
import type { FileChange, FoundPath } from './files/job.ts'
import type { LimitsUpdate } from './limits/merge-limits.ts'
import type { ContainerPaths, ContainerRecord } from './model.ts'
import type { StatsManner } from './stats/container-stats.ts'
import type { ContainerStats, Measurement } from './stats/measurement.ts'

/** A container to make, checked for shape at the API's door. */
export interface CreateRequest {
  /** Missing: one is made up (`"brave_curie"`). */
  readonly name?: string
  readonly config: ContainerConfig
  readonly hostConfig: HostConfig
  /** By network name or id. */
  readonly endpoints: Readonly<Record<string, EndpointSettings>>
}

/** Which part of a container's output a client wants. */
export interface LogOptions {
  readonly stdout: boolean
  readonly stderr: boolean
  readonly follow: boolean
  /** Lines from the end; `Infinity` for all. */
  readonly tail: number
  /** Milliseconds since 1970; 0 and `Infinity` for no limit. */
  readonly sinceMs: number
  readonly untilMs: number
}

/** One line that a container wrote. */
export interface LogEntry {
  readonly stream: 'stdout' | 'stderr'
  /** RFC 3339 with nanoseconds, as the supervisor wrote it. */
  readonly time: string
  /** One line with its newline, or a part of a long one. */
  readonly bytes: Uint8Array
}

/** What a client waits for: that it does not run, that it ends once more, that it is gone. */
export type WaitCondition = 'not-running' | 'next-exit' | 'removed'

/** A command to run beside a container's first process. */
export interface ExecRequest {
  readonly command: readonly string[]
  readonly environment: readonly string[]
  readonly user: string
  readonly workingDir: string
  readonly privileged: boolean
  readonly terminal: boolean
  readonly streams: SessionStreams
  readonly detachKeys: string
  readonly size?: TerminalSize
  /** A health check: nobody asks for it later, and no later engine lets it go on. */
  readonly isProbe?: boolean
}

/** One exec, kept while its container runs. */
export interface ExecRecord {
  readonly id: string
  readonly containerId: string
  readonly request: ExecRequest
  readonly running: boolean
  /** Missing until it ended. */
  readonly exitCode?: number
  /** 0 until it runs. */
  readonly pid: number
  /** There is no such command, or it cannot be run: nothing ran. */
  readonly refused?: boolean
}

/**
 * Containers as the rest of the engine sees them. A `ref` is a full id, a name (with or without slash) or an id prefix.
 *
 * Errors are `EngineError` with Docker's words: `not-found` `No such container: x`, `conflict` where the state forbids it.
 */
export interface Containers {
  create(request: CreateRequest): Promise<{ readonly id: string; readonly warnings: readonly string[] }>
  find(ref: string): ContainerRecord
  list(): readonly ContainerRecord[]
  /** Where a container's files are. @param id a full id */
  pathsOf(id: string): ContainerPaths
  /** Bytes that a container has written over its image. @param id a full id */
  writableBytes(id: string): Promise<number>
  /** Ids of the containers, running or not, that use the volume of that name. */
  usersOfVolume(name: string): readonly string[]
  /** False when it ran already. */
  start(ref: string): Promise<boolean>
  /** False when it was stopped already. @param timeoutSeconds before SIGKILL; -1 waits for ever */
  stop(ref: string, options: { readonly timeoutSeconds?: number; readonly signal?: string }): Promise<boolean>
  /** Stops all, because the engine ends: their restart policies start them with the next one. */
  stopAll(): Promise<void>
  restart(ref: string, options: { readonly timeoutSeconds?: number; readonly signal?: string }): Promise<void>
  kill(ref: string, signal: string): Promise<void>
  pause(ref: string): Promise<void>
  unpause(ref: string): Promise<void>
  rename(ref: string, name: string): Promise<void>
  /** Changes limits and restart policy, of what runs at once. @returns what this machine cannot limit */
  update(ref: string, update: LimitsUpdate): Promise<readonly string[]>
  remove(
    ref: string,
    options: { readonly force: boolean; readonly volumes: boolean; readonly link: boolean },
  ): Promise<void>
  wait(
    ref: string,
    condition: WaitCondition,
    signal: AbortSignal,
  ): Promise<{ readonly exitCode: number; readonly error?: string }>
  logs(ref: string, options: LogOptions, signal: AbortSignal): AsyncIterable<readonly LogEntry[]>
  attach(ref: string, streams: SessionStreams): Promise<Session>
  resize(ref: string, size: TerminalSize): Promise<void>
  top(
    ref: string,
    psArguments: string,
  ): Promise<{ readonly titles: readonly string[]; readonly processes: readonly (readonly string[])[] }>
  /** What it uses; a stream ends when the signal aborts, or the container is removed. */
  stats(ref: string, manner: StatsManner, signal: AbortSignal): AsyncIterable<ContainerStats>
  /** What every container that runs has used until now. */
  measure(): Promise<readonly Measurement[]>
  /** What was done to containers so far, to be read at any time. */
  readonly meters: readonly Meter[]
  /** Connects a container, running or not, to a network; records the wish. */
  connectNetwork(ref: string, network: string, settings: EndpointSettings): Promise<void>
  disconnectNetwork(ref: string, network: string, force: boolean): Promise<void>
  /** Publishes more ports of a container, running or not; answers what was bound. */
  publishPorts(ref: string, bindings: PortBindings): Promise<readonly PublishedPort[]>
  /** Withdraws ports, all of them or none. @throws {EngineError} `not-found` */
  unpublishPorts(ref: string, ports: readonly MeantPort[]): Promise<void>
  /** Looks at a path in a container. @throws {EngineError} `not-found` `Could not find the file x in container y` */
  statPath(ref: string, path: string): Promise<FoundPath>
  /** An archive of what a path in a container leads to. */
  packPath(ref: string, path: string): Promise<PackedPath>
  /** Unpacks an archive into a directory of a container. */
  unpackTo(ref: string, path: string, archive: Readable, options: CopyOptions, signal: AbortSignal): Promise<void>
  /** What a container has changed in its image's files. */
  changes(ref: string): Promise<readonly FileChange[]>
  /** A container's whole root file system as an archive. */
  export(ref: string): Promise<Readable>
  /** Makes an image of a container; answers its id. */
  commit(ref: string, options: CommitOptions, signal: AbortSignal): Promise<string>
  execCreate(ref: string, request: ExecRequest): Promise<string>
  /** @throws {EngineError} `conflict` when it ran already; `not-found` `No such exec instance: x` */
  execStart(id: string, size?: TerminalSize): Promise<Session>
  execInspect(id: string): ExecRecord
  /** Ids of the execs of a container that have not ended. @param id a full id */
  execsOf(id: string): readonly string[]
  execResize(id: string, size: TerminalSize): Promise<void>
}
