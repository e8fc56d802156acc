import { readFileSync } from 'node:fs'
import { EngineError, type ErrorKind } from '../base/errors.ts'
import { defaultHost } from '../client/host.ts'
import { Transport } from '../client/transport.ts'
import { type CniCall, type CniResult, cniVersions } from '../protocol/cni.ts'

type Env = Readonly<Record<string, string | undefined>>

/**
 * Codes of failures: below 100 the specification's, from 100 on ours.
 *
 * @source CNI SPEC.md 1.1, "Error"
 */
const codes = {
  version: 1,
  environment: 4,
  input: 5,
  json: 6,
  config: 7,
  later: 11,
  notReady: 50,
  engine: 100,
  notFound: 101,
  conflict: 102,
} as const

const codeOfKind: Partial<Readonly<Record<ErrorKind, number>>> = {
  'invalid-argument': codes.config,
  'not-found': codes.notFound,
  conflict: codes.conflict,
  forbidden: codes.conflict,
  unavailable: codes.later,
}

class CniError extends Error {
  readonly code: number

  constructor(code: number, message: string) {
    super(message)
    this.code = code
  }
}

/**
 * Wharf as a plugin: does what the environment and the standard input say, and prints the answer.
 *
 * It knows nothing itself: the daemon does it all. VERSION alone needs none.
 *
 * @returns the exit code
 */
export async function runCni(env: Env): Promise<number> {
  let version: string = cniVersions.at(-1)!
  try {
    const config = readConfig()
    version = typeof config['cniVersion'] === 'string' ? config['cniVersion'] : version
    const answer = env['CNI_COMMAND'] === 'VERSION' ? versions(version) : await ask(env, config)
    if (answer !== undefined) process.stdout.write(`${JSON.stringify(answer)}\n`)
    return 0
  } catch (error) {
    const { code, message } = failureOf(error, env)
    process.stdout.write(`${JSON.stringify({ cniVersion: version, code, msg: message })}\n`)
    return 1
  }
}

function versions(cniVersion: string): unknown {
  return { cniVersion, supportedVersions: cniVersions }
}

async function ask(env: Env, config: Readonly<Record<string, unknown>>): Promise<CniResult | undefined> {
  const Command = env['CNI_COMMAND'] ?? ''
  if (!['ADD', 'DEL', 'CHECK', 'STATUS', 'GC'].includes(Command)) {
    throw new CniError(
      codes.environment,
      `CNI_COMMAND is ${JSON.stringify(Command)}: it must be ADD, DEL, CHECK, STATUS, GC or VERSION`,
    )
  }
  const { cniVersion, socket } = config
  if (!cniVersions.some((version) => version === cniVersion)) {
    throw new CniError(codes.version, `version ${JSON.stringify(cniVersion)} is not among ${cniVersions.join(', ')}`)
  }
  const missing = neededBy(Command).find((name) => !env[name])
  if (missing !== undefined) throw new CniError(codes.environment, `${missing} is missing`)
  const body: CniCall = {
    Command,
    ContainerID: env['CNI_CONTAINERID'] ?? '',
    NetNS: env['CNI_NETNS'] ?? '',
    IfName: env['CNI_IFNAME'] ?? '',
    Args: env['CNI_ARGS'] ?? '',
    Config: config,
  }
  const host = typeof socket === 'string' ? `unix://${socket}` : defaultHost
  return await new Transport(host).json<CniResult | undefined>({ method: 'POST', path: '/wharf/cni', body })
}

function neededBy(command: string): readonly string[] {
  if (command === 'STATUS' || command === 'GC') return []
  return ['CNI_CONTAINERID', 'CNI_IFNAME', ...(command === 'DEL' ? [] : ['CNI_NETNS'])]
}

function readConfig(): Readonly<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(0, 'utf8')
  } catch (error) {
    throw new CniError(codes.input, `cannot read the standard input: ${(error as Error).message}`)
  }
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw new CniError(codes.json, `the configuration is not JSON: ${(error as Error).message}`)
  }
  throw new CniError(codes.json, 'the configuration is not a JSON object')
}

function failureOf(error: unknown, env: Env): { readonly code: number; readonly message: string } {
  if (error instanceof CniError) return { code: error.code, message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  if (env['CNI_COMMAND'] === 'STATUS') return { code: codes.notReady, message }
  if (!(error instanceof EngineError)) return { code: codes.engine, message }
  const isEnvironment = error.kind === 'invalid-argument' && /\bCNI_[A-Z]/.test(message) // named by the variable
  if (isEnvironment) return { code: codes.environment, message }
  return { code: codeOfKind[error.kind] ?? codes.engine, message }
}
