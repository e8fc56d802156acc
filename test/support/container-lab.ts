import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { createId } from '../../src/base/id.ts'
import { silentLog } from '../../src/base/log.ts'
import type { Session } from '../../src/container/attach/session.ts'
import { joinedContainer } from '../../src/container/create/network-wish.ts'
import { createdState } from '../../src/container/create/new-container.ts'
import { ContainerLimits } from '../../src/container/limits/container-limits.ts'
import type { ContainerPaths, ContainerRecord } from '../../src/container/model.ts'
import { acquireMounts } from '../../src/container/mounts/use-mounts.ts'
import type { Exit } from '../../src/container/process/exit-status.ts'
import { Supervisor } from '../../src/container/process/supervisor.ts'
import { ensureRootfs, removeRootfs } from '../../src/container/rootfs.ts'
import type { Images } from '../../src/image/images.ts'
import { readCgroupAbilities } from '../../src/kernel/cgroups/cgroup-abilities.ts'
import { ensureUsableCgroups, removeCgroup } from '../../src/kernel/cgroups/cgroups.ts'
import { NetClasses } from '../../src/kernel/cgroups/net-classes.ts'
import type { NetworkNamespace } from '../../src/kernel/namespace.ts'
import { Poller } from '../../src/kernel/poller.ts'
import type { Volumes } from '../../src/volume/volumes.ts'
import { kernelTest } from './kernel.ts'
import { cgroupsOf, mountsOf } from './sweep.ts'

/** Everything that one run printed, and how it ended. */
export interface Outcome extends Exit {
  readonly stdout: string
  readonly stderr: string
}

/** A supervisor with its own directories, control group and network namespace; nothing of it is left afterwards. */
export class ContainerLab implements AsyncDisposable {
  readonly base = mkdtempSync(join(tmpdir(), 'wharf-lab-'))
  readonly layer = join(this.base, 'layer')
  readonly cgroupParent = `/wharf-lab-${createId().slice(0, 12)}`
  readonly poller = new Poller()
  readonly supervisor: Supervisor
  readonly #namespace: NetworkNamespace
  readonly #records: ContainerRecord[] = []

  constructor(namespace: NetworkNamespace) {
    this.#namespace = namespace
    makeBusyboxLayer(this.layer)
    this.supervisor = this.openSupervisor()
  }

  readonly cgroupOf = (id: string): string => join(this.cgroupParent, id)

  /** What limits its containers. */
  get limits(): ContainerLimits {
    return new ContainerLimits({
      abilities: readCgroupAbilities(ensureUsableCgroups(silentLog), this.cgroupParent),
      netClasses: new NetClasses(join(this.base, 'net_cls')),
      cgroupOf: this.cgroupOf,
    })
  }

  /** Another engine on the same directories, as after a crash. */
  openSupervisor(): Supervisor {
    return new Supervisor({
      poller: this.poller,
      log: silentLog,
      runtime: 'crun',
      runtimeRoot: join(this.base, 'runtime'),
      limits: this.limits,
      cgroupOf: this.cgroupOf,
      cgroupMode: ensureUsableCgroups(silentLog),
      pathsOf: (id) => this.pathsOf(id),
    })
  }

  pathsOf(id: string): ContainerPaths {
    const dir = join(this.base, 'containers', id)
    return { dir, runDir: join(this.base, 'run', id), rootfs: join(dir, 'rootfs'), log: join(dir, 'container.log') }
  }

  /** A record as the engine would have it. */
  record(
    command: readonly string[],
    more: Partial<Pick<ContainerRecord, 'config' | 'hostConfig'>> = {},
  ): ContainerRecord {
    const id = createId()
    const record: ContainerRecord = {
      version: 1,
      id,
      name: `lab_${id.slice(0, 6)}`,
      created: '',
      imageReference: 'busybox',
      imageId: '',
      config: { Cmd: command, ...more.config },
      hostConfig: { NetworkMode: 'none', ...more.hostConfig },
      networks: {},
      state: { ...createdState, status: 'running' },
    }
    mkdirSync(this.pathsOf(id).dir, { recursive: true })
    this.#records.push(record)
    return record
  }

  /** Mounts and creates, without starting. */
  async create(record: ContainerRecord): Promise<{ readonly pid: number; readonly conmonPid: number }> {
    const paths = this.pathsOf(record.id)
    await ensureRootfs(paths, [this.layer])
    // No container of a lab has volumes or images mounted: only binds and memory.
    const mounts = await acquireMounts({ volumes: {} as Volumes, images: {} as Images }, record)
    const donor = joinedContainer(record.hostConfig.PidMode)
    const joined = donor === undefined ? {} : { pid: this.supervisor.namespaceOf({ id: donor }, 'pid') }
    return this.supervisor.create({ record, paths, networkNamespace: this.#namespace.path, mounts, joined })
  }

  /** Creates and starts. */
  async start(record: ContainerRecord): Promise<{ readonly pid: number; readonly conmonPid: number }> {
    const pids = await this.create(record)
    await this.supervisor.start(record)
    return pids
  }

  /** Runs a container to its end, attached from the beginning. */
  async run(record: ContainerRecord, input?: string): Promise<Outcome> {
    await this.create(record)
    const session = this.supervisor.attach(record)
    const output = collect(session)
    if (input !== undefined) session.stdin?.end(input)
    await this.supervisor.start(record)
    const exit = await this.supervisor.watchExit(record)
    return { ...(await output), ...exit }
  }

  /** Shorthand: the output of one command in a container of its own. */
  async sh(script: string, more?: Parameters<ContainerLab['record']>[1]): Promise<Outcome> {
    return this.run(this.record(['sh', '-c', script], more))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const record of this.#records) {
      await this.supervisor.delete(record)
      await removeRootfs(this.pathsOf(record.id))
    }
    removeCgroup(this.cgroupParent)
    await this.poller[Symbol.asyncDispose]()
    const left = [...mountsOf(this.base), ...cgroupsOf(this.cgroupParent.slice(1)), ...processesNaming(this.base)]
    assert.deepEqual(left, [], 'mounts, control groups or processes are left')
    rmSync(this.base, { recursive: true })
  }
}

/** A test with real containers: root, crun and conmon are needed. */
export function containerTest(name: string, body: (lab: ContainerLab) => Promise<void>): void {
  kernelTest(name, async ({ namespace }) => {
    await using lab = new ContainerLab(namespace)
    await body(lab)
  })
}

/** All output of a session, to its end. */
export async function collect(session: Session): Promise<{ stdout: string; stderr: string }> {
  const [stdout, stderr] = await Promise.all([text(session.stdout), session.stderr ? text(session.stderr) : ''])
  await session.closed
  return { stdout, stderr }
}

async function text(stream: Readable): Promise<string> {
  return Buffer.concat(await stream.toArray()).toString()
}

/** A root file system of the host's static busybox, and the files that a distribution would have. */
function makeBusyboxLayer(layer: string): void {
  for (const dir of ['bin', 'etc', 'tmp', 'root', 'home/web']) mkdirSync(join(layer, dir), { recursive: true })
  copyFileSync('/bin/busybox', join(layer, 'bin/busybox'))
  const applets = execFileSync('/bin/busybox', ['--list'], { encoding: 'utf8' }).split('\n')
  for (const applet of applets.filter((name) => name !== '' && name !== 'busybox')) {
    symlinkSync('busybox', join(layer, 'bin', applet))
  }
  writeFileSync(join(layer, 'etc/passwd'), 'root:x:0:0:root:/root:/bin/sh\nweb:x:33:34::/home/web:/bin/sh\n')
  writeFileSync(join(layer, 'etc/group'), 'root:x:0:\nweb:x:34:\naudio:x:29:web\n')
}

/** Containers that others start at this moment have our mounts in sight for an instant: only command lines tell. */
function processesNaming(word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      } catch {
        return '' // it has just ended
      }
    })
    .filter((command) => command.includes(word))
}
