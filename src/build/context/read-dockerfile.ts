import { existsSync, lstatSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import { EngineError } from '../../base/errors.ts'
import { parseIgnoreFile } from '../../base/ignore-patterns.ts'

/** A Dockerfile is some kilobytes; more would only fill the memory. */
const longest = 4 * 1024 * 1024

/**
 * Reads the Dockerfile of a context, and takes out of the context what its `.dockerignore` keeps from it. The client has
 * left out the rest; the Dockerfile and `.dockerignore` it had to send.
 *
 * @param name  path in the context
 * @throws {EngineError} `invalid-argument`, in Docker's words
 */
export function readDockerfile(context: string, name: string): string {
  const path = normalize(join(context, name))
  if (!path.startsWith(context + sep)) throw outside(name)
  if (!existsSync(path)) throw new EngineError('invalid-argument', `Cannot locate specified Dockerfile: ${name}`)
  const real = realpathSync(path)
  // A link may lead anywhere.
  if (!real.startsWith(realpathSync(context) + sep)) throw outside(name)
  if (!lstatSync(real).isFile())
    throw new EngineError('invalid-argument', `Cannot locate specified Dockerfile: ${name}`)
  const { size } = statSync(real)
  if (size === 0) throw new EngineError('invalid-argument', `the Dockerfile (${name}) cannot be empty`)
  if (size > longest)
    throw new EngineError('invalid-argument', `the Dockerfile (${name}) is larger than ${longest} bytes`)
  const text = readFileSync(real, 'utf8')
  removeIgnored(context, normalize(name))
  return text
}

function outside(name: string): EngineError {
  return new EngineError('invalid-argument', `forbidden path outside the build context: ${name} ()`)
}

function removeIgnored(context: string, dockerfile: string): void {
  const ignoreFile = join(context, '.dockerignore')
  if (!lstatSync(ignoreFile, { throwIfNoEntry: false })?.isFile()) return
  const isIgnored = parseIgnoreFile(readFileSync(ignoreFile, 'utf8'))
  for (const name of ['.dockerignore', dockerfile]) {
    if (isIgnored(name)) rmSync(join(context, name), { force: true })
  }
}
