import { join } from 'node:path'
import { treeBytes } from '../kernel/files/tree-bytes.ts'
import { attachContainer } from './attach/attach-container.ts'
import { type BuiltContainers, buildParts, type ContainersInit } from './build-parts.ts'
import { connectNetwork, disconnectNetwork } from './container-networks.ts'
import type { ContainerParts } from './container-parts.ts'
import type { Containers } from './containers.ts'
import { createContainer } from './create/create-container.ts'
import { commitContainer } from './files/commit-container.ts'
import { listChanges } from './files/container-changes.ts'
import { packContainerPath, statContainerPath, unpackToContainer } from './files/copy-files.ts'
import { exportContainer } from './files/export-container.ts'
import { pauseContainer, unpauseContainer } from './life/pause-container.ts'
import { recoverContainers, resumeContainers } from './life/recover-containers.ts'
import { removeContainer } from './life/remove-container.ts'
import { renameContainer } from './life/rename-container.ts'
import { waitForContainer } from './life/wait-container.ts'
import { updateContainer } from './limits/update-container.ts'
import { metersOf } from './meters.ts'
import { usersOfVolume } from './mounts/recorded-mounts.ts'
import { listContainerProcesses, readContainerLogs, resizeContainer } from './process/running-container.ts'
import { publishPorts, unpublishPorts } from './publish-ports.ts'
import { measureAll, readStats } from './stats/container-stats.ts'

/** The containers, with what only the engine that opens them may do. */
export interface OpenContainers extends Containers {
  /** Undoes what the last engine left half-done; answers the ids of containers that own a network. */
  recover(): Promise<ReadonlySet<string>>
  /** Watches what runs, and starts what restart policies want; call it when network and images stand. */
  resume(): Promise<void>
  /** Lets go of the containers: they run on, watched by nobody until an engine recovers them. */
  close(): Promise<void>
}

/** Opens the containers of a store. Nothing is touched until `recover`. */
export function openContainers(init: ContainersInit): OpenContainers {
  const built = buildParts(init)
  const { parts, lifecycle, execs } = built
  return {
    ...lifeOf(built),
    ...viewsOf(parts),
    ...filesOf(parts),
    connectNetwork: (ref, network, settings) => connectNetwork(parts, ref, network, settings),
    disconnectNetwork: (ref, network, force) => disconnectNetwork(parts, ref, network, force),
    publishPorts: (ref, bindings) => publishPorts(parts, ref, bindings),
    unpublishPorts: (ref, ports) => unpublishPorts(parts, ref, ports),
    attach: (ref, streams) => attachContainer(parts, ref, streams),
    resize: (ref, size) => resizeContainer(parts, ref, size),
    execCreate: (ref, request) => execs.create(ref, request),
    execStart: (id, size) => execs.start(id, size),
    execInspect: (id) => execs.inspect(id),
    execsOf: (id) => execs.of(id),
    execResize: (id, size) => execs.resize(id, size),
    recover: () => recoverContainers(parts, lifecycle),
    resume: () => resumeContainers(parts, lifecycle),
    async close() {
      lifecycle.close()
      await parts.health.close()
      await parts.background.settle()
      await parts.files[Symbol.asyncDispose]()
    },
  }
}

/** From making a container to removing it. */
function lifeOf({ parts, lifecycle }: BuiltContainers) {
  const { actions } = parts.meters
  return {
    create: (request) => actions.time(['create'], () => createContainer(parts, request)),
    start: (ref) => actions.time(['start'], () => lifecycle.start(ref)),
    stop: (ref, options) => lifecycle.stop(ref, options),
    stopAll: () => lifecycle.stopAll(),
    restart: (ref, options) => lifecycle.restart(ref, options),
    kill: (ref, signal) => lifecycle.kill(ref, signal),
    pause: (ref) => pauseContainer(parts, ref),
    unpause: (ref) => unpauseContainer(parts, ref),
    rename: (ref, name) => renameContainer(parts, ref, name),
    update: (ref, update) => updateContainer(parts, ref, update),
    wait: (ref, condition, signal) => waitForContainer(parts, ref, condition, signal),
    remove: (ref, options) => actions.time(['delete'], () => removeContainer(parts, lifecycle, ref, options)),
  } satisfies Partial<OpenContainers>
}

/** What can be seen of containers: records, processes, output, numbers. */
function viewsOf(parts: ContainerParts) {
  const { table } = parts
  return {
    find: (ref) => table.find(ref),
    list: () => table.list(),
    usersOfVolume: (name) => usersOfVolume(table.list(), name),
    top: (ref, psArguments) => listContainerProcesses(parts, ref, psArguments),
    logs: (ref, options, signal) => readContainerLogs(parts, ref, options, signal),
    stats: (ref, manner, signal) => readStats(parts, ref, manner, signal),
    measure: () => measureAll(parts),
    meters: metersOf(parts.meters),
  } satisfies Partial<OpenContainers>
}

/** Their files. */
function filesOf(parts: ContainerParts) {
  const { actions } = parts.meters
  return {
    pathsOf: (id) => parts.pathsOf(id),
    writableBytes: (id) => treeBytes(join(parts.pathsOf(id).dir, 'upper')),
    statPath: (ref, path) => statContainerPath(parts, ref, path),
    packPath: (ref, path) => packContainerPath(parts, ref, path),
    unpackTo: (...request) => unpackToContainer(parts, ...request),
    changes: (ref) => actions.time(['changes'], () => listChanges(parts, ref)),
    export: (ref) => exportContainer(parts, ref),
    commit: (...request) => actions.time(['commit'], () => commitContainer(parts, ...request)),
  } satisfies Partial<OpenContainers>
}
