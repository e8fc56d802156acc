import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TerminalSize } from '../attach/session.ts'
import { capabilitySets } from '../bundle/capabilities.ts'
import { mergeVariables, variableOf } from '../bundle/environment.ts'
import type { OciProcess, OciSpec } from '../bundle/oci.ts'
import { type Accounts, resolveUser } from '../bundle/user.ts'
import type { ExecRequest } from '../containers.ts'
import type { ContainerPaths } from '../model.ts'

/** Where 64 bits of unlimited end up when JSON is read into doubles. */
const unlimitedFrom = 2 ** 63

/** What an exec's process depends on besides its request. */
export interface ExecFacts {
  /** The container's own process: an exec has its variables, directory, user and rights unless told otherwise. */
  readonly base: OciProcess
  /** Called only when the request names a user. */
  accounts(): Accounts
  /** All that the engine may do, for `--privileged`. */
  readonly capabilities: readonly string[]
  readonly size: TerminalSize | undefined
}

/** Reads back the process that a running container's bundle describes. */
export function readBaseProcess({ runDir }: ContainerPaths): OciProcess {
  const { process } = JSON.parse(readFileSync(join(runDir, 'config.json'), 'utf8')) as OciSpec
  const limit = (value: number) => (value >= unlimitedFrom ? Number.POSITIVE_INFINITY : value)
  const rlimits = (process.rlimits ?? []).map(({ type, soft, hard }) => ({
    type,
    soft: limit(soft),
    hard: limit(hard),
  }))
  return { ...process, rlimits }
}

/**
 * The process of an exec, as `process.json` has it.
 *
 * @throws {EngineError} `internal` `unable to find user x: no matching entries in passwd file`
 */
export function planExecProcess(request: ExecRequest, { base, accounts, capabilities, size }: ExecFacts): OciProcess {
  const { consoleSize: _, ...inherited } = base
  const term = request.terminal && variableOf(base.env, 'TERM') === undefined ? ['TERM=xterm'] : []
  return {
    ...inherited,
    terminal: request.terminal,
    ...(request.terminal && size !== undefined ? { consoleSize: { height: size.rows, width: size.columns } } : {}),
    args: request.command,
    env: mergeVariables([...base.env, ...term], request.environment),
    cwd: request.workingDir || base.cwd,
    user: request.user === '' ? base.user : resolveUser(request.user, accounts()),
    capabilities: request.privileged ? capabilitySets(capabilities) : base.capabilities,
  }
}
