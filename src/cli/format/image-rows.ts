import type { ImageSummary } from '../../protocol/image.ts'
import type { Row } from './list.ts'
import { goTime, humanDuration, humanSize } from './units.ts'
import { shortId } from './words.ts'

/** The columns of lists of images. */
export const imageHeadings = {
  ID: 'IMAGE ID',
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
  Containers: 'CONTAINERS',
  VirtualSize: 'SIZE',
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
}

/** One name of an image. */
interface Name {
  readonly repository: string
  readonly tag: string
  readonly digest: string
}

const none = '<none>'

/** One row for each name of an image; one with `<none>` for an image without. */
export function imageRows(image: ImageSummary, options: { full: boolean; digests: boolean; nowMs: number }): Row[] {
  const createdMs = image.Created * 1000
  return namesOf(image, options.digests).map(({ repository, tag, digest }) => ({
    Containers: image.Containers < 0 ? 'N/A' : String(image.Containers),
    CreatedAt: goTime(createdMs),
    CreatedSince: `${humanDuration(options.nowMs - createdMs)} ago`,
    Digest: digest,
    ID: options.full ? image.Id : shortId(image.Id),
    Repository: repository,
    SharedSize: image.SharedSize < 0 ? 'N/A' : humanSize(image.SharedSize, 4),
    Size: humanSize(image.Size, 3),
    Tag: tag,
    UniqueSize: image.SharedSize < 0 ? 'N/A' : humanSize(image.Size - image.SharedSize, 4),
    VirtualSize: humanSize(image.Size, 4),
  }))
}

function namesOf({ RepoTags, RepoDigests }: ImageSummary, digests: boolean): Name[] {
  const tags = (RepoTags ?? []).filter((name) => name !== '<none>:<none>').map(splitTag)
  const known = (RepoDigests ?? []).filter((name) => name !== '<none>@<none>').map(splitDigest)
  if (tags.length === 0 && known.length === 0) return [{ repository: none, tag: none, digest: none }]
  if (!digests) {
    if (tags.length > 0) return tags.map((name) => ({ ...name, digest: none }))
    const repositories = [...new Set(known.map(({ repository }) => repository))]
    return repositories.map((repository) => ({ repository, tag: none, digest: none }))
  }
  const untagged = known.filter(({ repository }) => tags.every((tag) => tag.repository !== repository))
  const tagged = tags.flatMap(({ repository, tag }) => {
    const own = known.filter((each) => each.repository === repository)
    return own.length === 0
      ? [{ repository, tag, digest: none }]
      : own.map(({ digest }) => ({ repository, tag, digest }))
  })
  return [...tagged, ...untagged.map((each) => ({ ...each, tag: none }))]
}

function splitTag(name: string): { repository: string; tag: string } {
  const at = name.lastIndexOf(':')
  return { repository: name.slice(0, at), tag: name.slice(at + 1) }
}

function splitDigest(name: string): { repository: string; digest: string } {
  const [repository = '', digest = none] = name.split('@')
  return { repository, digest }
}
