import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'

/** Far more than anything takes: on a busy machine even a look may take a second. */
const usualPatienceMs = 20_000

/**
 * Waits until `look` sees `wanted`; after twenty seconds, unless told, the difference is the failure. For what is promised to come
 * about, but not before the call returns: the kernel takes its time to delete a link.
 */
export async function eventually<T>(look: () => Promise<T>, wanted: T, patienceMs = usualPatienceMs): Promise<void> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const seen = await look()
    if (isDeepStrictEqual(seen, wanted)) return
    if (performance.now() > deadline) assert.deepEqual(seen, wanted)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
