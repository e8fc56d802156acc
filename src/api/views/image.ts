import { millisecondsOf, never } from '../../base/clock.ts'
import type { ImageRecord, ImageRunConfig } from '../../image/images.ts'
import type { ContainerConfig } from '../../protocol/container.ts'
import type { ImageHistoryItem, ImageInspect, ImageSummary } from '../../protocol/image.ts'
import { isBefore } from '../versions.ts'

/**
 * One line of `docker images`.
 *
 * @param containers  how many use it: told since API 1.51
 * @param version  before API 1.44 there is a `VirtualSize`
 */
export function imageSummary(image: ImageRecord, containers: number, version: string): ImageSummary {
  return {
    Id: image.id,
    ParentId: '',
    ...namesOf(image, version),
    Created: seconds(image.created),
    Size: image.size,
    SharedSize: -1,
    ...virtualSize(image, version),
    Labels: image.config.Labels ?? null,
    Containers: isBefore(version, '1.51') ? -1 : containers,
  }
}

/** Before API 1.43 an image without names had names that say so. */
function namesOf(
  { repoTags, repoDigests }: ImageRecord,
  version: string,
): Pick<ImageSummary, 'RepoTags' | 'RepoDigests'> {
  const isNameless = repoTags.length + repoDigests.length === 0
  return isNameless && isBefore(version, '1.43')
    ? { RepoTags: ['<none>:<none>'], RepoDigests: ['<none>@<none>'] }
    : { RepoTags: repoTags, RepoDigests: repoDigests }
}

/** An image, whole. */
export function imageInspect(image: ImageRecord, version: string): ImageInspect {
  return {
    Id: image.id,
    RepoTags: image.repoTags,
    RepoDigests: image.repoDigests,
    Parent: '',
    Comment: image.comment,
    Created: image.created,
    DockerVersion: '',
    Author: image.author,
    ...containerOf(version),
    Config: configView(image.config, version),
    Architecture: image.architecture,
    ...(image.variant ? { Variant: image.variant } : {}),
    Os: image.os,
    Size: image.size,
    ...virtualSize(image, version),
    GraphDriver: { Name: 'overlay2', Data: null },
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
    Metadata: { LastTagTime: never },
  }
}

/** How an image was made, the newest step first. */
export function imageHistory(image: ImageRecord): ImageHistoryItem[] {
  const layers = image.layers.values()
  const steps = image.history.map((entry) => ({
    Id: '<missing>',
    Created: seconds(entry.created ?? never),
    CreatedBy: entry.createdBy ?? '',
    Tags: null,
    Size: entry.emptyLayer ? 0 : (layers.next().value?.unpackedSize ?? 0),
    Comment: entry.comment ?? '',
  }))
  const [top, ...below] = steps.reverse()
  if (top === undefined) return []
  return [{ ...top, Id: image.id, Tags: image.repoTags.length > 0 ? image.repoTags : null }, ...below]
}

/** What is of containers, and was told of images too until API 1.50. */
const containerFields: ContainerConfig = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: '',
}

function configView(config: ImageRunConfig, version: string): ContainerConfig {
  return {
    ...(isBefore(version, '1.50') ? containerFields : {}),
    ...config,
    User: config.User ?? '',
    Env: config.Env ?? null,
    Cmd: config.Cmd ?? null,
    Volumes: config.Volumes ?? null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint ?? null,
    Labels: config.Labels ?? null,
  }
}

/** The container that an image was made from, which nobody knows: gone since API 1.45. */
function containerOf(version: string): Pick<ImageInspect, 'Container' | 'ContainerConfig'> {
  return isBefore(version, '1.45') ? { Container: '', ContainerConfig: configView({}, version) } : {}
}

function virtualSize({ size }: ImageRecord, version: string): { readonly VirtualSize?: number } {
  return isBefore(version, '1.44') ? { VirtualSize: size } : {}
}

function seconds(time: string): number {
  return time === '' ? 0 : Math.floor(millisecondsOf(time) / 1000)
}
