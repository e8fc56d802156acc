/** What a test failed of, and what its clean-up failed of after it: node's report has room for one message only. */
export async function bothErrors(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof SuppressedError)) throw error
    const first = error.suppressed as Error
    first.stack += `\n\nand then, while cleaning up: ${(error.error as Error).stack}`
    throw first
  }
}
