import { EngineError } from '../../../src/base/errors.ts'
import type { Volumes } from '../../../src/volume/volumes.ts'

/** An engine without volumes. */
export function fakeVolumes(): Volumes {
  const absent = (name: string): never => {
    throw new EngineError('not-found', `get ${name}: no such volume`)
  }
  return {
    create: async ({ name }) => absent(name),
    find: absent,
    list: () => [],
    usersOf: () => [],
    remove: async (name) => absent(name),
    prune: async () => ({ names: [], bytes: 0 }),
    ownsFiles: absent,
    bytes: async (name) => absent(name),
    pathOf: absent,
    statusOf: async (name) => absent(name),
    settle() {},
    async abandon() {},
    mount: async (name) => absent(name),
    async unmount() {},
    showPath: async (name) => absent(name),
    hidePaths() {},
    populate: async (name) => absent(name),
  }
}
