import type { Builder } from '../../../src/build/builder.ts'
import { fakeImage } from './fake-records.ts'
import { act, type FakeState } from './fake-state.ts'

/** A builder that swallows the context and says what Docker says. */
export function fakeBuilder(engine: FakeState): Builder {
  return {
    async build({ credentials, ...request }, context, report) {
      let bytes = 0
      for await (const chunk of context) bytes += (chunk as Buffer).length
      const registries = [...credentials.keys()].join(' ')
      if (engine.nextFailure === undefined) await report.stream('Step 1/1 : FROM busybox\n')
      act(engine, `build ${bytes} ${registries} ${JSON.stringify(request)}`)
      return fakeImage.id
    },
    cache: () => [],
    async prune(before) {
      act(engine, `builder prune ${before === undefined ? 'all' : 'old'}`)
      return { deleted: [], reclaimed: 0 }
    },
    recover: async () => {},
    close: async () => {},
  }
}
