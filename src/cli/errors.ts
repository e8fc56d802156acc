/** A command line that cannot be understood. The command's usage is printed below the message. */
export class UsageError extends Error {
  /** 125 for flags, 1 for a wrong number of arguments or an unknown command, as Docker has them. */
  readonly exitCode: number
  /** Printed before the message: `"wharf: "` where Docker says so. */
  readonly prefix: string
  /** `"See"` or `"Run"`: the first word of the last line. Docker uses both. */
  readonly hint: 'See' | 'Run'

  constructor(message: string, options: { exitCode?: number; prefix?: string; hint?: 'See' | 'Run' } = {}) {
    super(message)
    this.exitCode = options.exitCode ?? 125
    this.prefix = options.prefix ?? ''
    this.hint = options.hint ?? 'Run'
  }
}

/** A failure of which the last word is said: an exit code, and what to print if anything. */
export class ExitError extends Error {
  readonly exitCode: number

  constructor(exitCode: number, message = '') {
    super(message)
    this.exitCode = exitCode
  }
}
