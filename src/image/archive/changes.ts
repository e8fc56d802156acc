import { posix } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import type { ImageRunConfig } from '../images.ts'
import { parseHealthcheck } from './healthcheck-change.ts'
import { expandWord, splitWords } from './shell-words.ts'

type Instruction = (config: ImageRunConfig, args: string) => ImageRunConfig

const instructions: Readonly<Record<string, Instruction>> = {
  CMD: (config, args) => ({ ...config, Cmd: commandLine(args) }),
  ENTRYPOINT: (config, args) => ({ ...config, Entrypoint: commandLine(args) }),
  ENV: (config, args) => pairs('ENV', config, args).reduce(setVariable, config),
  EXPOSE: (config, args) => ({
    ...config,
    ExposedPorts: { ...config.ExposedPorts, ...emptyObjects(words(config, args).flatMap(portKeys)) },
  }),
  HEALTHCHECK: (config, args) => ({ ...config, Healthcheck: parseHealthcheck(args) }),
  LABEL: (config, args) => ({
    ...config,
    Labels: { ...config.Labels, ...Object.fromEntries(pairs('LABEL', config, args)) },
  }),
  ONBUILD: (config, args) => ({ ...config, OnBuild: [...(config.OnBuild ?? []), args] }),
  STOPSIGNAL: (config, args) => ({ ...config, StopSignal: one('STOPSIGNAL', config, args) }),
  USER: (config, args) => ({ ...config, User: one('USER', config, args) }),
  VOLUME: (config, args) => ({
    ...config,
    Volumes: { ...config.Volumes, ...emptyObjects(jsonForm(args) ?? words(config, args)) },
  }),
  WORKDIR: (config, args) => ({
    ...config,
    WorkingDir: posix.resolve('/', config.WorkingDir ?? '', one('WORKDIR', config, args)),
  }),
}

/**
 * Applies the instructions of `docker import --change`, in order: a Dockerfile's, as far as they set the configuration.
 *
 * @throws {EngineError} `invalid-argument` for an instruction that is unknown or malformed
 * @source Docker CLI reference, "docker image import"; Dockerfile reference
 */
export function applyChanges(config: ImageRunConfig, changes: readonly string[]): ImageRunConfig {
  const lines = changes.flatMap((change) => change.replace(/\\\r?\n/g, '').split('\n'))
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .reduce(applyChange, config)
}

function applyChange(config: ImageRunConfig, line: string): ImageRunConfig {
  const [, name = '', args = ''] = /^(\S+)\s*(.*)$/s.exec(line) ?? []
  const apply = instructions[name.toUpperCase()]
  if (apply === undefined) throw invalid(`${name.toLowerCase()} is not a valid change command`)
  if (args === '') throw invalid(`${name.toUpperCase()} requires at least one argument`)
  return apply(config, args)
}

function commandLine(args: string): readonly string[] {
  return jsonForm(args) ?? ['/bin/sh', '-c', args]
}

/** A JSON array of strings; `undefined` for anything else, which then is read as shell words. */
function jsonForm(args: string): readonly string[] | undefined {
  if (!args.startsWith('[')) return undefined
  try {
    const value: unknown = JSON.parse(args)
    return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function words(config: ImageRunConfig, args: string): readonly string[] {
  return splitWords(args).map((word) => expandWord(word, (name) => variable(config, name)))
}

function one(instruction: string, config: ImageRunConfig, args: string): string {
  const value = expandWord(args, (name) => variable(config, name))
  if (value === '') throw invalid(`${instruction} requires exactly one argument`)
  return value
}

/** `a=1 b="two words"`, or, as Docker once had it, a name and the rest of the line. */
function pairs(instruction: string, config: ImageRunConfig, args: string): readonly (readonly [string, string])[] {
  const parts = splitWords(args)
  if (!parts[0]?.includes('=')) {
    const [, name = '', value = ''] = /^(\S+)\s+(.*)$/s.exec(args) ?? []
    if (name === '') throw invalid(`${instruction} must have two arguments`)
    return [[name, expandWord(value, (key) => variable(config, key))]]
  }
  return parts.map((part) => {
    const at = part.indexOf('=')
    if (at < 0) throw invalid(`Syntax error - can't find = in "${part}". Must be of the form: name=value`)
    const name = expandWord(part.slice(0, at), (key) => variable(config, key))
    if (name === '') throw invalid(`${instruction} names can not be blank`)
    return [name, expandWord(part.slice(at + 1), (key) => variable(config, key))] as const
  })
}

function variable({ Env = [] }: ImageRunConfig, name: string): string | undefined {
  return Env.findLast((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1)
}

function setVariable(config: ImageRunConfig, [name, value]: readonly [string, string]): ImageRunConfig {
  const others = (config.Env ?? []).filter((entry) => !entry.startsWith(`${name}=`))
  return { ...config, Env: [...others, `${name}=${value}`] }
}

function portKeys(spec: string): readonly string[] {
  const [, first = '', last = first, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/(\w+))?$/.exec(spec) ?? []
  const [low, high] = [Number(first), Number(last)]
  if (first === '' || low < 1 || high > 65535 || low > high) throw invalid(`invalid containerPort: ${spec}`)
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw invalid(`invalid proto: ${protocol}`)
  return Array.from({ length: high - low + 1 }, (_, offset) => `${low + offset}/${protocol.toLowerCase()}`)
}

function emptyObjects(keys: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(keys.map((key) => [key, {}]))
}

function invalid(message: string): EngineError {
  return new EngineError('invalid-argument', message)
}
