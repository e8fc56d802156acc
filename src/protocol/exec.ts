import { fields, flag, integer, list, type Schema, text } from './schema.ts'

/** The body of `POST /containers/{id}/exec`. @source Docker Engine API v1.51, ContainerExec */
export interface ExecCreateBody {
  readonly AttachStdin?: boolean
  readonly AttachStdout?: boolean
  readonly AttachStderr?: boolean
  readonly Tty?: boolean
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly User?: string
  readonly WorkingDir?: string
  readonly Privileged?: boolean
  /** `"ctrl-p,ctrl-q"` */
  readonly DetachKeys?: string
  /** Rows, columns. */
  readonly ConsoleSize?: readonly [number, number]
}

/** The body of `POST /exec/{id}/start`. @source Docker Engine API v1.51, ExecStart */
export interface ExecStartBody {
  readonly Detach?: boolean
  readonly Tty?: boolean
  /** Rows, columns. */
  readonly ConsoleSize?: readonly [number, number]
}

/** One exec. @source Docker Engine API v1.51, ExecInspect */
export interface ExecInspect {
  readonly ID: string
  readonly Running: boolean
  /** `null` until it ended. */
  readonly ExitCode: number | null
  readonly ProcessConfig: {
    readonly tty: boolean
    readonly entrypoint: string
    readonly arguments: readonly string[]
    readonly privileged: boolean
    readonly user?: string
  }
  readonly OpenStdin: boolean
  readonly OpenStderr: boolean
  readonly OpenStdout: boolean
  readonly CanRemove: boolean
  readonly ContainerID: string
  readonly DetachKeys: string
  readonly Pid: number
}

const consoleSize: Schema = { type: ['array', 'null'], items: integer, length: 2 }

/** What `ExecCreateBody` must look like. */
export const execCreateSchema: Schema = fields({
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  Tty: flag,
  Cmd: list(text),
  Env: list(text),
  User: text,
  WorkingDir: text,
  Privileged: flag,
  DetachKeys: text,
  ConsoleSize: consoleSize,
})

/** What `ExecStartBody` must look like. */
export const execStartSchema: Schema = fields({ Detach: flag, Tty: flag, ConsoleSize: consoleSize })
