import type { CgroupLimits } from '../../kernel/cgroups/limits.ts'

/** The part of an OCI runtime configuration that the engine writes. @source opencontainers/runtime-spec 1.0.2, config.md */
export interface OciSpec {
  readonly ociVersion: '1.0.2'
  readonly process: OciProcess
  readonly root: { readonly path: string; readonly readonly: boolean }
  readonly hostname?: string
  readonly mounts: readonly OciMount[]
  readonly linux: OciLinux
  readonly annotations?: Readonly<Record<string, string>>
}

/** What runs: also the whole content of an exec's `process.json`. */
export interface OciProcess {
  readonly terminal: boolean
  /** Characters. */
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly user: OciUser
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities: OciCapabilities
  readonly rlimits?: readonly OciRlimit[]
  readonly noNewPrivileges: boolean
  readonly oomScoreAdj?: number
}

/** Who runs it, by number. */
export interface OciUser {
  readonly uid: number
  readonly gid: number
  readonly additionalGids?: readonly number[]
}

/** Capability sets, by kernel name: `CAP_CHOWN`. */
export interface OciCapabilities {
  readonly bounding: readonly string[]
  readonly effective: readonly string[]
  readonly permitted: readonly string[]
}

/** One resource limit: `RLIMIT_NOFILE`. */
export interface OciRlimit {
  readonly type: string
  readonly soft: number
  readonly hard: number
}

/** One mount of a container, in the order they are made. */
export interface OciMount {
  readonly destination: string
  readonly type: string
  readonly source: string
  readonly options: readonly string[]
}

/** A device node to make. */
export interface OciDevice {
  readonly path: string
  readonly type: 'c' | 'b' | 'p'
  readonly major: number
  readonly minor: number
  readonly fileMode: number
  readonly uid: number
  readonly gid: number
}

/** One rule of the devices control group; the later ones win. */
export interface OciDeviceRule {
  readonly allow: boolean
  readonly type?: 'a' | 'b' | 'c'
  readonly major?: number
  readonly minor?: number
  readonly access: string
}

/** What the runtime puts into the container's control group. */
export interface OciResources extends CgroupLimits {
  readonly devices: readonly OciDeviceRule[]
}

/** A namespace of the container: new, or the one that `path` names. */
export interface OciNamespace {
  readonly type: 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'cgroup'
  readonly path?: string
}

/** A system call filter. */
export interface OciSeccomp {
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  readonly architectures: readonly string[]
  readonly syscalls: readonly OciSyscallRule[]
}

/** One rule of a system call filter. */
export interface OciSyscallRule {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly {
    readonly index: number
    readonly value: number
    readonly valueTwo: number
    readonly op: string
  }[]
}

/** What only Linux has. */
export interface OciLinux {
  readonly namespaces: readonly OciNamespace[]
  readonly devices?: readonly OciDevice[]
  readonly cgroupsPath: string
  readonly resources: OciResources
  readonly sysctl?: Readonly<Record<string, string>>
  readonly seccomp?: OciSeccomp
  readonly maskedPaths: readonly string[]
  readonly readonlyPaths: readonly string[]
  readonly rootfsPropagation?: string
}
