import { closeSync, openSync, readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { EngineError } from '../../base/errors.ts'
import { createPipe } from '../../kernel/descriptors.ts'
import type { Poller } from '../../kernel/poller.ts'
import { commandLines } from '../../kernel/processes/processes.ts'
import { spawnProgram } from '../../kernel/processes/spawn.ts'
import { logSettingsOf } from '../create/new-container.ts'
import { conmonLogLimit } from '../logging/log-rotation.ts'
import { type Logging, planLogging } from '../logging/plan-logging.ts'
import type { ContainerPaths, ContainerRecord } from '../model.ts'
import { type OciRuntime, runtimeEnvironment } from './oci-runtime.ts'
import { createError } from './runtime-errors.ts'

/** Longest message that conmon may send before it has made the container. */
const longestAnswer = 65_536

/** What is needed to run one conmon. */
export interface ConmonParts {
  /** Absolute path of the program. */
  readonly program: string
  readonly runtime: OciRuntime
  readonly record: ContainerRecord
  readonly paths: ContainerPaths
  readonly poller: Poller
}

/**
 * Runs conmon, which makes the container through the runtime and then stays with it.
 *
 * It is no child to wait for: it outlives the engine. Its descriptor 3 tells how the making went.
 *
 * @returns the process ids of the container's first process, which waits to be started, and of conmon
 * @throws {EngineError} in Docker's words when the runtime refuses
 * @source conmon(8); `_OCI_SYNCPIPE` in conmon's parent_pipe_fd.c
 */
export async function runConmon(parts: ConmonParts): Promise<{ pid: number; conmonPid: number }> {
  const { readFd, writeFd } = createPipe()
  const pipe = new Socket({ fd: readFd, writable: false })
  try {
    const conmonPid = spawnConmon(parts, writeFd)
    const answer = parseAnswer(await readAnswer(pipe))
    if (answer.pid > 0) return { pid: answer.pid, conmonPid }
    const { Entrypoint, Cmd } = parts.record.config
    throw createError(answer.message || conmonErrors(parts.paths), Entrypoint?.[0] ?? Cmd?.[0] ?? '')
  } finally {
    pipe.destroy()
  }
}

/** The conmons of any of these containers, by the words that `runConmon` starts them with. */
export function conmonsOf(ids: ReadonlySet<string>): readonly { readonly id: string; readonly pid: number }[] {
  if (ids.size === 0) return []
  return [...commandLines()].flatMap(({ pid, words }) => {
    const id = words[words.indexOf('--cid') + 1] ?? ''
    return ids.has(id) ? [{ id, pid }] : []
  })
}

/** Where conmon listens for clients, and where it takes commands, in the container's run directory. */
export const conmonFiles = {
  attach: 'attach',
  control: 'ctl',
  windowSize: 'winsz',
  exitDir: 'exit',
  errors: 'conmon.errors',
} as const

/** @param answerFd  closed here: its other end is at its end when conmon is */
function spawnConmon(parts: ConmonParts, answerFd: number): number {
  using ours = new DisposableStack()
  ours.defer(() => closeSync(answerFd))
  const errors = openSync(join(parts.paths.runDir, conmonFiles.errors), 'w', 0o600)
  ours.defer(() => closeSync(errors))
  return spawnProgram({
    path: parts.program,
    args: conmonArguments(parts),
    cwd: parts.paths.runDir, // where it notes that memory ran out
    stdio: ['ignore', 'ignore', errors, answerFd],
    env: { ...runtimeEnvironment(), _OCI_SYNCPIPE: '3' },
    poller: parts.poller,
  }).pid
}

function conmonArguments({ runtime, record, paths }: ConmonParts): string[] {
  const { id, name, config, hostConfig } = record
  const { runDir, log } = paths
  // With a terminal conmon must not hold the input: it would close the terminal together with it.
  const input = config.OpenStdin && !config.Tty ? ['--stdin', ...(config.StdinOnce ? [] : ['--leave-stdin-open'])] : []
  return [
    ...['--api-version', '1', '--sync', '--full-attach', '--no-sync-log', '--log-level', 'error'],
    ...['--cid', id, '--cuuid', id, '--name', name, '--bundle', runDir],
    ...['--runtime', runtime.path, ...runtime.globalArguments.flatMap((word) => ['--runtime-arg', word])],
    ...['--container-pidfile', join(runDir, 'pid'), '--exit-dir', join(runDir, conmonFiles.exitDir)],
    ...logArguments(planLogging(logSettingsOf(hostConfig)), log),
    ...(config.Tty ? ['--terminal'] : []),
    ...input,
  ]
}

function logArguments(logging: Logging, path: string): string[] {
  if (!logging.kept) return ['--log-path', 'none']
  const limit = conmonLogLimit(logging)
  return ['--log-path', `k8s-file:${path}`, ...(limit < Number.POSITIVE_INFINITY ? ['--log-size-max', `${limit}`] : [])]
}

/** One line of JSON, or nothing when conmon gave up without a word. */
async function readAnswer(pipe: Readable): Promise<string> {
  let text = ''
  for await (const chunk of pipe.setEncoding('utf8')) {
    text += chunk
    if (text.includes('\n') || text.length > longestAnswer) break
  }
  return text
}

function parseAnswer(text: string): { pid: number; message: string } {
  if (text.trim() === '') return { pid: -1, message: '' }
  try {
    const { data, message } = JSON.parse(text) as { data?: number; message?: string }
    return { pid: data ?? -1, message: message ?? '' }
  } catch (cause) {
    throw new EngineError('internal', `Cannot read the answer of conmon: ${text.slice(0, 200)}`, { cause })
  }
}

function conmonErrors({ runDir }: ContainerPaths): string {
  return readFileSync(join(runDir, conmonFiles.errors), 'utf8')
}
