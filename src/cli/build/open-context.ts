import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { ExitError } from '../errors.ts'
import { listContext } from './list-context.ts'
import { packContext } from './pack-context.ts'

/** A build context on its way: the archive, and what its Dockerfile is called in it. */
export interface OpenContext extends Disposable {
  readonly archive: Readable
  readonly dockerfile: string
}

const nothing = () => {}
/** First bytes of gzip, bzip2, xz and zstd archives; a tar says what it is at 257. */
const packed = ['1f8b08', '425a68', 'fd377a585a00', '28b52ffd'].map((hex) => Buffer.from(hex, 'hex'))

/**
 * Opens what a build is told to build: a directory, `-` for a Dockerfile or an archive on stdin.
 *
 * @param file  of `-f`: `""` for the usual name, `-` for stdin
 * @throws {ExitError} 1, in Docker's words
 */
export async function openContext(source: string, file: string, stdin: Readable): Promise<OpenContext> {
  if (/^(https?|git|ssh):\/\/|^git@|^github\.com\//.test(source)) {
    throw new ExitError(1, `Cannot build from "${source}": fetch it first, then build the directory`)
  }
  if (source === '-' && file === '-')
    throw new ExitError(1, "invalid argument: can't use stdin for both build context and dockerfile")
  if (source === '-') return await fromStdin(stdin, file)
  if (!existsSync(source)) throw new ExitError(1, `unable to prepare context: path "${source}" not found`)
  if (!statSync(source).isDirectory()) throw new ExitError(1, 'unable to prepare context: context must be a directory')
  const directory = realpathSync(source)
  if (file === '-') return besideDirectory(directory, await buffer(stdin))
  return fromDirectory(directory, file)
}

/** One read of stdin tells an archive from a Dockerfile; an archive goes on as it is. */
async function fromStdin(stdin: Readable, file: string): Promise<OpenContext> {
  const chunks = stdin[Symbol.asyncIterator]()
  let head = Buffer.of()
  let next = await chunks.next()
  while (!next.done && head.length < 512) {
    head = Buffer.concat([head, Buffer.from(next.value)])
    next = await chunks.next()
  }
  const isArchive = packed.some((magic) => head.subarray(0, magic.length).equals(magic)) || isTar(head)
  const rest = async function* () {
    if (head.length > 0) yield head
    for (; !next.done; next = await chunks.next()) yield Buffer.from(next.value)
  }
  const archive = Readable.from(rest(), { objectMode: false })
  if (isArchive) return { archive, dockerfile: file || 'Dockerfile', [Symbol.dispose]: nothing }
  return loneDockerfile(await buffer(archive))
}

function isTar(head: Buffer): boolean {
  return head.subarray(257, 262).toString() === 'ustar'
}

function fromDirectory(directory: string, file: string): OpenContext {
  const path = resolve(file === '' ? join(directory, 'Dockerfile') : file)
  if (!existsSync(path)) {
    const why = `failed to read dockerfile: open ${file || 'Dockerfile'}: no such file or directory`
    throw new ExitError(1, `unable to prepare context: ${why}`)
  }
  const name = relative(directory, join(realpathSync(dirname(path)), basename(path)))
  if (name === '..' || name.startsWith('../')) return outsideDirectory(directory, path)
  const archive = packContext(directory, listContext(directory, name))
  return { archive, dockerfile: name, [Symbol.dispose]: nothing }
}

/** A Dockerfile from elsewhere is sent under a name that nothing else has. */
function outsideDirectory(directory: string, path: string): OpenContext {
  return besideDirectory(directory, readFileSync(path))
}

function besideDirectory(directory: string, text: Buffer): OpenContext {
  const scratch = mkdtempSync(join(tmpdir(), 'wharf-build-'))
  const name = `.dockerfile.${basename(scratch).slice(-6)}`
  writeFileSync(join(scratch, name), text)
  const archive = packContext(directory, listContext(directory, name), { directory: scratch, name })
  return { archive, dockerfile: name, [Symbol.dispose]: () => rmSync(scratch, { recursive: true, force: true }) }
}

function loneDockerfile(text: Buffer): OpenContext {
  const empty = mkdtempSync(join(tmpdir(), 'wharf-build-'))
  writeFileSync(join(empty, 'Dockerfile'), text)
  const archive = packContext(empty, listContext(empty, 'Dockerfile'))
  return { archive, dockerfile: 'Dockerfile', [Symbol.dispose]: () => rmSync(empty, { recursive: true, force: true }) }
}
