import type { ImageRecord, ProgressLine, RegistryAuth } from '../images.ts'
import { familiarName, parseReference } from '../names/references.ts'
import { type PullParts, pullImage } from './pull.ts'
import { registrySession } from './skopeo.ts'

/**
 * Fetches every tag of a repository, one after the other. What was whole before a failure stays.
 *
 * @throws {EngineError} in Docker's words; what `signal` aborted with
 */
export async function pullAllTags(
  parts: PullParts,
  text: string,
  options: { readonly auth?: RegistryAuth; readonly platform?: string },
  report: (line: ProgressLine) => void,
  signal: AbortSignal,
): Promise<readonly ImageRecord[]> {
  const { domain, path } = parseReference(text)
  const reference = { domain, path }
  const tags = await listTags()
  const images: ImageRecord[] = []
  let isNewer = false
  // Docker says once, at the end, whether anything was new.
  const tell = (line: ProgressLine) => {
    if (!line.status?.startsWith('Status: ')) return report(line)
    isNewer ||= line.status.startsWith('Status: Downloaded')
  }
  for (const tag of tags)
    images.push(await pullImage(parts, `${familiarName(reference)}:${tag}`, options, tell, signal))
  const what = isNewer ? 'Downloaded newer image for' : 'Image is up to date for'
  report({ status: `Status: ${what} ${familiarName(reference)}` })
  return images

  async function listTags(): Promise<readonly string[]> {
    await using staging = parts.staging.create('tags')
    const { auth } = options
    const session = registrySession(parts.registries, { verb: 'pull', dir: staging.path, auth, reference, signal })
    return (await session.tags(reference)).toSorted()
  }
}
