/** What the guest is to run. */
export interface GuestOrder {
  /** Test files, from the top of the checkout. */
  readonly files: readonly GuestFile[]
  /** Only tests whose name matches. */
  readonly pattern?: string
}

/** One test file, and what it needs of the kernel. */
export interface GuestFile {
  readonly path: string
  /** Names for `modprobe`. */
  readonly modules: readonly string[]
}

/** One line of what the guest says. */
export type GuestEvent =
  | { readonly type: 'ready'; readonly kernel: string; readonly uptimeS: number }
  | ({ readonly type: 'outcome' } & GuestOutcome)
  | { readonly type: 'done' }

/** How one test went. */
export interface GuestOutcome {
  readonly file: string
  readonly name: string
  readonly durationMs: number
  /** Why it was not run. */
  readonly skip?: string
  /** Why it failed, with its stack. */
  readonly error?: string
}
