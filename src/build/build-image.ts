import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { namingFullDisk } from '../base/disk-full.ts'
import { createId } from '../base/id.ts'
import type { KeyedLock } from '../base/keyed-lock.ts'
import { hostPlatform, renderPlatform } from '../image/config/platform.ts'
import type { ImageRecord, Images } from '../image/images.ts'
import type { Networking } from '../network/networking.ts'
import { findBase, lendBase } from './base-images.ts'
import { bringHome } from './bring-home.ts'
import { type BuildNetwork, type FindContainer, openBuildNetwork } from './build-network.ts'
import { type BuildPlace, type BuildPlaces, makePlace, placeOf, removePlace } from './build-place.ts'
import { buildArguments } from './buildah/arguments.ts'
import { ErrorOutput } from './buildah/error-output.ts'
import { buildFailure } from './buildah/failure.ts'
import { writeRuntimeWrapper } from './buildah/runtime-wrapper.ts'
import { StepOutput } from './buildah/step-output.ts'
import type { BuildReport, BuildRequest } from './builder.ts'
import type { BuildStorage } from './cache/storage.ts'
import { readDockerfile } from './context/read-dockerfile.ts'
import { receiveContext } from './context/receive-context.ts'
import { parseDockerfile } from './dockerfile/parse.ts'
import { type RenderedPlan, renderPlan } from './dockerfile/render.ts'
import { shellAt } from './dockerfile/shell.ts'
import { type BuildPlan, imageKey, imagesOf, planStages } from './dockerfile/stages.ts'
import { relayOutput } from './run-buildah.ts'
import { prepareTools, type Tools } from './tool.ts'

/** What builds need of the engine. */
export interface BuildParts {
  readonly places: BuildPlaces
  readonly storage: BuildStorage
  readonly images: Images
  readonly networking: Networking
  readonly findContainer: FindContainer
  readonly locks: KeyedLock
  /** Name or path of the OCI runtime. */
  readonly runtime: string
  /** Where the engine's images are. */
  readonly imageDir: string
}

/** One build under way. */
interface Build {
  readonly parts: BuildParts
  readonly request: BuildRequest
  readonly report: BuildReport
  readonly signal: AbortSignal
  readonly id: string
  readonly place: BuildPlace
}

/**
 * Builds an image: receives the context, plans, lends buildah the images, lets it work in a network like a container's,
 * and brings the result home. Whatever happens, the build's files, processes, mounts and network go.
 *
 * @throws {EngineError} in Docker's words; what `signal` aborted with
 */
export async function buildImage(
  parts: BuildParts,
  request: BuildRequest,
  context: Readable,
  report: BuildReport,
  signal: AbortSignal,
): Promise<ImageRecord> {
  const id = createId()
  const place = placeOf(parts.places, id, request.cgroupParent || undefined)
  const build: Build = { parts, request, report, signal, id, place }
  await using undo = new AsyncDisposableStack()
  undo.defer(() => removePlace(place))
  return await namingFullDisk('build', async () => {
    makePlace(place)
    await receiveContext(context, place.context, signal)
    const plan = readPlan(build)
    const tools = prepareTools({ storage: parts.storage, dir: place.dir, imageDir: parts.imageDir })
    const bases = await lendImages(build, plan, tools)
    const rendered = renderPlan(plan, request.labels, (key) => bases.get(key)!.id.slice('sha256:'.length))
    writeFileSync(join(place.dir, 'Dockerfile'), rendered.text)
    const built = await run(build, tools, rendered, (stage, step) => shellAt(plan, stage, step, bases))
    return await bringHome({ ...parts, tools }, built, request.tags, signal)
  })
}

function readPlan({ request, place }: Build): BuildPlan {
  const text = readDockerfile(place.context, request.dockerfile)
  const { buildArgs, target, platform } = request
  return planStages(parseDockerfile(text), {
    ...{ buildArgs, target, platform },
    hostPlatform: renderPlatform(hostPlatform()),
  })
}

async function lendImages(
  { parts, request, report, signal, place }: Build,
  plan: BuildPlan,
  tools: Tools,
): Promise<ReadonlyMap<string, ImageRecord>> {
  const bases = new Map<string, ImageRecord>()
  for (const wanted of imagesOf(plan)) {
    const image = await findBase(parts.images, wanted, request, report, signal)
    await lendBase({ ...parts, tools, dir: place.dir }, image, signal)
    bases.set(imageKey(wanted), image)
  }
  return bases
}

/** @returns 64 hex digits of what was built */
async function run(
  build: Build,
  tools: Tools,
  rendered: RenderedPlan,
  shellOf: (stage: number, step: number) => readonly string[],
): Promise<string> {
  const { parts, request, report, signal, place, id } = build
  const networkDir = join(place.dir, 'net')
  mkdirSync(networkDir, { mode: 0o755 })
  await using network = await openBuildNetwork(parts, id, request, networkDir)
  const steps = new StepOutput(rendered, (digits) => parts.storage.shortIdOf(digits))
  const errors = new ErrorOutput()
  await using child = tools.buildah(['build', ...planArguments(build, tools, network)], signal, ...network.mounts)
  const { status, ...last } = await relayOutput(child, steps, errors, report)
  signal.throwIfAborted()
  if (status !== 0) throw buildFailure(last, steps.current, shellOf(...steps.at))
  if (steps.imageId === undefined) throw buildFailure(last, '', [])
  return steps.imageId
}

function planArguments({ parts, request, place }: Build, { policy }: Tools, network: BuildNetwork): readonly string[] {
  const runtime = join(place.dir, 'runtime')
  writeRuntimeWrapper(runtime, parts.runtime)
  const ignoreFile = join(place.dir, 'ignore')
  writeFileSync(ignoreFile, '')
  const files = {
    dockerfile: join(place.dir, 'Dockerfile'),
    context: place.context,
    ...{ ignoreFile, policy, runtime },
    runtimeRoot: join(place.dir, 'crun'),
    networkFiles: network.files,
  }
  return buildArguments(request, files, network.name, place.cgroup)
}
