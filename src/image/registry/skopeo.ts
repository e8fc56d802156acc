import { type Child, startChild } from '../../kernel/processes/child.ts'
import { mortalCommand } from '../../kernel/processes/mortal-command.ts'
import type { RegistryAuth } from '../images.ts'
import { canonical, type Reference } from '../names/references.ts'
import { askSkopeo } from './ask-skopeo.ts'
import type { RegistryVerb } from './registry-errors.ts'
import { writeSessionFiles } from './session-files.ts'
import type { DownloadPlaces } from './watch-download.ts'

/** How registries are spoken to, whatever the image. Lists are read anew for each conversation. */
export interface RegistrySettings {
  /** The program. */
  readonly skopeo: string
  readonly insecureRegistries: () => readonly string[]
  readonly registryMirrors: () => readonly string[]
  /** A directory by registry: `<certificates>/<host:port>/{*.crt,*.cert,*.key}`. */
  readonly certificates: string
  /** Directory in which skopeo notes which registry has which layer, and how it was packed for it. */
  readonly notes: string
  /** Milliseconds after which a registry that says nothing is given up. */
  readonly silenceMs: number
}

/** One conversation with a registry, by skopeo. */
export interface RegistrySession {
  /** The manifest or index of a reference, byte for byte. @throws {EngineError} in Docker's words */
  manifest(reference: Reference): Promise<Buffer>
  /** The configuration blob of one image's manifest, byte for byte. */
  config(reference: Reference): Promise<Buffer>
  /** Every tag of the reference's repository. */
  tags(reference: Reference): Promise<readonly string[]>
  /** Asks the registry whether it knows the user and the password. */
  login(username: string, password: string): Promise<void>
  /**
   * Starts to fetch all layers that are missing in `blobs` (`sha256/<hex>` each). What grows lies in `layout`.
   *
   * @param largest  bytes of the largest layer: no file may become larger
   */
  download(reference: Reference, places: DownloadPlaces, largest: number, signal: AbortSignal): Child
  /**
   * Starts to send the image that lies in a directory (skopeo's `dir:`), telling on stderr what it does.
   *
   * @param digestFile  gets the digest of the manifest as the registry has it
   */
  upload(dir: string, reference: Reference, digestFile: string, signal: AbortSignal): Child
}

/** Manifests and skopeo's notes are smaller. */
const smallestLimit = 16 * 1024 * 1024

/**
 * Prepares to talk to a registry as `auth`, or as nobody. Nothing is written outside `dir` and the notes.
 *
 * @param options.dir  an empty directory of this conversation, which the caller removes: it holds the password
 */
export function registrySession(
  settings: RegistrySettings,
  options: {
    readonly verb: RegistryVerb
    readonly dir: string
    readonly auth: RegistryAuth | undefined
    readonly reference: Reference
    readonly signal: AbortSignal
  },
): RegistrySession {
  const { skopeo, silenceMs } = settings
  const { dir, auth, signal, reference: asked, verb } = options
  const lists = { insecure: settings.insecureRegistries(), mirrors: settings.registryMirrors() }
  const files = writeSessionFiles({ dir, auth, ...lists, certificates: settings.certificates, reference: asked })
  const { env, authFile } = files
  const question = { skopeo, silenceMs, env, signal, verb, reference: asked, hadAuth: auth !== undefined }
  const ask = (args: readonly string[], input?: string) => askSkopeo(question, args, input)
  const inspect = (reference: Reference, ...flags: string[]) =>
    ask(['inspect', '--raw', ...flags, `--authfile=${authFile}`, ...files.tlsFlags(''), remote(reference)])
  return {
    manifest: (reference) => inspect(reference),
    config: (reference) => inspect(reference, '--config'),
    async tags({ domain, path }) {
      const args = ['list-tags', `--authfile=${authFile}`, ...files.tlsFlags(''), remote({ domain, path })]
      return (JSON.parse((await ask(args)).toString()) as { readonly Tags: readonly string[] | null }).Tags ?? []
    },
    async login(username, password) {
      const who = [`--username=${username}`, '--password-stdin', `--authfile=${authFile}`]
      await ask(['login', ...who, ...files.tlsFlags(''), asked.domain], password)
    },
    download(reference, { layout, blobs }, largest, stop) {
      const layouts = ['--dest-oci-accept-uncompressed-layers', `--dest-shared-blob-dir=${blobs}`]
      const flags = [`--authfile=${authFile}`, ...files.tlsFlags('src-'), ...layouts]
      const args = ['--insecure-policy', 'copy', ...flags, remote(reference), `oci:${layout}:layers`]
      return startChild(...guarded(skopeo, args, Math.max(largest, smallestLimit)), { env, signal: stop })
    },
    upload(from, reference, digestFile, stop) {
      const flags = [`--authfile=${authFile}`, ...files.tlsFlags('dest-'), `--digestfile=${digestFile}`]
      const args = ['--debug', '--insecure-policy', 'copy', ...flags, `dir:${from}`, remote(reference)]
      return startChild(...mortalCommand(skopeo, args), {
        env: { ...env, XDG_DATA_HOME: settings.notes },
        signal: stop,
      })
    },
  }
}

/**
 * An engine that is killed takes its conversations with it.
 *
 * @param largest  bytes that a file may have: a registry can send for ever
 */
function guarded(program: string, args: readonly string[], largest: number): readonly [string, readonly string[]] {
  return mortalCommand('prlimit', [`--fsize=${largest}`, '--', program, ...args])
}

function remote(reference: Reference): string {
  // skopeo refuses a tag beside a digest; the digest says more.
  const { tag: _, ...withoutTag } = reference
  return `docker://${canonical(reference.digest === undefined ? reference : withoutTag)}`
}
