/** What a terminal, a shell or a supervisor sends to a program in the foreground. */
const forwarded = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGALRM'] as const

/** Hands the signals that this process gets to a container, until disposed. */
export function forwardSignals(kill: (signal: string) => Promise<void>): Disposable {
  const handlers = forwarded.map((signal) => {
    // A container that ended in the meantime needs no signal.
    const handler = (): void => void kill(signal.replace('SIG', '')).catch(() => undefined)
    process.on(signal, handler)
    return { signal, handler }
  })
  return {
    [Symbol.dispose]() {
      for (const { signal, handler } of handlers) process.off(signal, handler)
    },
  }
}
