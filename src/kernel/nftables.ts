import { EngineError, KernelError } from '../base/errors.ts'
import { lazily } from './lazily.ts'
import { nativeLibrary } from './libc.ts'
import { LowDescriptors } from './low-descriptors.ts'
import { NetworkNamespace } from './namespace.ts'

/** @source libnftables(3) (`NFT_CTX_OUTPUT_*`) */
const output = { handle: 1 << 3, json: 1 << 4, numericPriority: 1 << 8, terse: 1 << 11 } as const
const plainOutput = output.handle | output.numericPriority

type Context = unknown // struct nft_ctx *

/** The library waits for its socket with select(2), and would end the process at descriptor 1024. */
const lowDescriptors = new LowDescriptors(2)

/** Bound on first use: what does not touch the firewall does without the library. */
const library = lazily(() => {
  const { bind } = nativeLibrary('libnftables.so.1')
  return {
    create: bind<Context>('void *nft_ctx_new(uint32_t flags)'),
    free: bind<void>('void nft_ctx_free(void *context)'),
    bufferOutput: bind<number>('int nft_ctx_buffer_output(void *context)'),
    bufferError: bind<number>('int nft_ctx_buffer_error(void *context)'),
    output: bind<string>('const char *nft_ctx_get_output_buffer(void *context)'),
    error: bind<string>('const char *nft_ctx_get_error_buffer(void *context)'),
    setFlags: bind<void>('void nft_ctx_output_set_flags(void *context, unsigned int flags)'),
    setDryRun: bind<void>('void nft_ctx_set_dry_run(void *context, bool dry)'),
    run: bind<number>('int nft_run_cmd_from_buffer(void *context, const char *commands)'),
  }
})

/** What the C library says for an errno; the only thing that libnftables passes on. */
const errnoOfText = new Map([
  ['No such file or directory', 'ENOENT'],
  ['File exists', 'EEXIST'],
  ['Device or resource busy', 'EBUSY'],
  ['Operation not permitted', 'EPERM'],
  ['Operation not supported', 'EOPNOTSUPP'],
  ['Invalid argument', 'EINVAL'],
  ['No space left on device', 'ENOSPC'],
  ['Too many open files in system', 'ENFILE'],
  ['Cannot allocate memory', 'ENOMEM'],
  ['Message too long', 'EMSGSIZE'],
  ['Too many links', 'EMLINK'],
  ['Interrupted system call', 'EINTR'],
  ['Protocol error', 'EPROTO'],
  ['No buffer space available', 'ENOBUFS'],
])

/** One object of nft's JSON: `{ table: { … } }`, `{ chain: { … } }`, `{ rule: { … } }`, … @source libnftables-json(5) */
export type NftObject = Readonly<Record<string, Readonly<Record<string, unknown>>>>

/**
 * nftables of one namespace, in process: no `nft` is started.
 *
 * @source libnftables(3), nft(8)
 */
export class NftContext implements Disposable {
  readonly #namespace: NetworkNamespace
  readonly #library = library()
  readonly #context: Context
  #open = true

  /** Keeps a handle of its own on `namespace`. */
  constructor(namespace: NetworkNamespace) {
    using undo = new DisposableStack()
    this.#namespace = undo.use(NetworkNamespace.at(namespace.path))
    const context = this.#namespace.run(() => lowDescriptors.lend(() => this.#library.create(0)))
    if (context === null) throw new KernelError('open nftables', 'ENOMEM')
    this.#context = context
    undo.move()
    this.#library.bufferOutput(context)
    this.#library.bufferError(context)
  }

  /**
   * Runs commands as one transaction: all of them or none.
   *
   * @param commands what a file for `nft -f` would hold
   * @returns what `nft` would print: nothing, unless something is listed
   * @throws {KernelError} what the kernel refused, with nft's own words in `detail`; of several lines nft quotes the
   *   first, whichever was refused, but marks the right columns
   * @throws {EngineError} `invalid-argument` when nft does not understand the commands
   */
  run(commands: string): string {
    return this.#run(commands, plainOutput)
  }

  /** Like `run`, without the change: says whether it would be taken. The kernel is not asked what only it knows. */
  check(commands: string): void {
    this.#library.setDryRun(this.#context, true)
    try {
      this.#run(commands, plainOutput)
    } finally {
      this.#library.setDryRun(this.#context, false)
    }
  }

  /**
   * Lists what there is: `nft -j <command>`, without the line about nft itself.
   *
   * @param command `"list ruleset"`, `"list table inet wharf"`, …
   * @param terse leaves out the elements of sets and maps, of which there may be very many
   * @throws {KernelError} `ENOENT` when it is not there
   */
  list(command: string, { terse = false } = {}): readonly NftObject[] {
    const text = this.#run(command, plainOutput | output.json | (terse ? output.terse : 0))
    if (text === '') return []
    const { nftables } = JSON.parse(text) as { nftables: NftObject[] }
    return nftables.filter((object) => !('metainfo' in object))
  }

  /** Runs commands that are given as JSON. @source libnftables-json(5) */
  runJson(commands: readonly object[]): void {
    this.#run(JSON.stringify({ nftables: commands }), plainOutput | output.json)
  }

  #run(commands: string, flags: number): string {
    if (!this.#open) throw new KernelError('use nftables', 'EBADF', 'it is closed')
    this.#library.setFlags(this.#context, flags)
    // When a list is disturbed by a change, the library opens a new socket: it too has to belong there.
    const result = this.#namespace.run(() => this.#library.run(this.#context, commands))
    const said = this.#library.output(this.#context)
    const error = this.#library.error(this.#context).trim()
    if (result !== 0) throw refusal(error)
    return said
  }

  [Symbol.dispose](): void {
    if (!this.#open) return
    this.#open = false
    this.#library.free(this.#context)
    lowDescriptors.refill()
    this.#namespace[Symbol.dispose]()
  }
}

function refusal(text: string): EngineError {
  const [, sentence = ''] = /^.*?(?:Error|Could not process rule): (.*)$/m.exec(text) ?? []
  const errno = errnoOfText.get(sentence.replace(/^.*Could not process rule: /, ''))
  if (errno === undefined) return new EngineError('invalid-argument', `Cannot change nftables: ${text}`)
  return new KernelError('change nftables', errno, text)
}

/** A string of nft: in quotes. @param longest bytes; 128 for a comment, 15 for the name of an interface */
export function nftString(text: string, longest = 128): string {
  return `"${nftText(text, longest)}"`
}

/** A text that nft can read: it knows no escapes, so what cannot be said is put as `?`. @param longest bytes */
export function nftText(text: string, longest: number): string {
  const plain = text.replaceAll(/[\0-\x1f\x7f"\\]/g, '?')
  return Buffer.from(plain)
    .subarray(0, longest)
    .toString()
    .replace(/\ufffd$/, '')
}
