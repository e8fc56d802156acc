import { namingFullDisk } from '../base/disk-full.ts'
import type { Images } from './images.ts'
import { familiar, familiarName, parseReference, type Reference, withDefaultTag } from './names/references.ts'
import { inspectRemote, logIn } from './registry/ask-registry.ts'
import { type PullParts, pullImage } from './registry/pull.ts'
import { pullAllTags } from './registry/pull-all.ts'
import { type PushParts, pushImage } from './registry/push.ts'

/** What happened to an image: `pull`, `import`, `load`, `save`, `tag`, `untag`, `delete`, `push`, by the id that Docker puts in the event. */
export type ImageListener = (action: string, id: string, attributes: Readonly<Record<string, string>>) => void

/** The part of the image store that talks to registries. */
export function openRegistries(
  parts: PullParts & PushParts,
  tell: ImageListener,
): Pick<Images, 'pull' | 'pullAll' | 'push' | 'login' | 'inspectRemote'> {
  const told = (action: string, reference: Reference) =>
    tell(action, familiar(reference), { name: familiarName(reference) })
  return {
    async pull(reference, options, report, signal) {
      const image = await namingFullDisk('pull image', () => pullImage(parts, reference, options, report, signal))
      told('pull', withDefaultTag(parseReference(reference)))
      return image
    },
    async pullAll(repository, options, report, signal) {
      const images = await namingFullDisk('pull image', () => pullAllTags(parts, repository, options, report, signal))
      told('pull', parseReference(repository))
      return images
    },
    async push(reference, options, report, signal) {
      await namingFullDisk('push image', () => pushImage(parts, reference, options, report, signal))
      told('push', parseReference(reference))
    },
    login: (address, user, signal) => logIn(parts, address, user, signal),
    inspectRemote: (reference, auth, signal) => inspectRemote(parts, reference, auth, signal),
  }
}
