/** Fails by itself, before the test runner does: what a test has made is then still cleaned up. */
export async function inTime(work: Promise<void>, timeoutMs: number): Promise<void> {
  const late = Promise.withResolvers<void>()
  const timer = setTimeout(() => late.reject(new Error(`not done after ${timeoutMs} ms`)), timeoutMs)
  await Promise.race([work, late.promise]).finally(() => clearTimeout(timer))
}
