import { mkdir, rm } from 'node:fs/promises'
import { rfc3339Now } from '../../base/clock.ts'
import { createId } from '../../base/id.ts'
import { checkBundle } from '../bundle/check-bundle.ts'
import type { ContainerParts } from '../container-parts.ts'
import type { CreateRequest } from '../containers.ts'
import { ifFound } from '../life/if-found.ts'
import { checkNameIsFree, holdName } from '../life/rename-container.ts'
import { createdLimits } from '../limits/created-limits.ts'
import { checkLogSettings } from '../logging/plan-logging.ts'
import type { ContainerRecord } from '../model.ts'
import { copyUp } from '../mounts/copy-up.ts'
import { makeVolumes } from '../mounts/make-volumes.ts'
import { planUserMounts } from '../mounts/plan-user-mounts.ts'
import { recordedMounts } from '../mounts/recorded-mounts.ts'
import { checkAllModes } from './check-modes.ts'
import { resolveLinks } from './link-variables.ts'
import { randomName } from './names.ts'
import { joinedContainer, sandboxWish, withDonor } from './network-wish.ts'
import { logSettingsOf, planContainer } from './new-container.ts'

/**
 * Records a new container and makes its directories; nothing runs yet.
 *
 * Its networks, or the container whose network it is to share, may come later: a start asks for them.
 *
 * @throws {EngineError} `not-found` without the image, `conflict` when the name is taken, `invalid-argument` for
 *   settings that cannot be
 */
export async function createContainer(
  parts: ContainerParts,
  request: CreateRequest,
): Promise<{ id: string; warnings: readonly string[] }> {
  const { table, images, networking, volumes, publish, pathsOf } = parts
  const { limits, warnings: discarded } = createdLimits(parts.supervisor.limits, request.hostConfig)
  const image = images.find(request.config.Image ?? '')
  if (request.name !== undefined) checkNameIsFree(parts, request.name) // again below, where nobody else can take it
  const name = request.name ?? freeName(parts)
  const chosen = { id: createId(), name, created: rfc3339Now(), cgroupns: parts.cgroupns, logConfig: parts.logConfig }
  const limited = { ...request, hostConfig: { ...request.hostConfig, ...limits } }
  const planned = planContainer(limited, image, chosen, (ref) => networkName(parts, ref))
  checkAllModes(planned)
  const resolved = resolveLinks(parts, resolveDonor(parts, planned))
  checkBundle(resolved.hostConfig, parts.supervisor.runtime.path)
  checkLogSettings(logSettingsOf(resolved.hostConfig))
  const mountWishes = planUserMounts(resolved, (ref) => recordedMounts(table.find(ref)))
  const { dir } = pathsOf(resolved.id)
  const warnings = networking.check(sandboxWish(resolved, dir))

  // Before its volumes are made: those with a name stay, and a refused container is to leave none.
  using _name = await holdName(parts, name)
  await using undo = new AsyncDisposableStack()
  undo.defer(() => volumes.abandon(resolved.id))
  const record = { ...resolved, mounts: await makeVolumes(parts, resolved.id, mountWishes) }
  undo.defer(() => rm(dir, { recursive: true, force: true }))
  await mkdir(dir, { recursive: true, mode: 0o710 })
  // Unpacked now, so that the start has nothing to wait for.
  await copyUp(parts, record, await images.layerDirs(image))
  table.put(record)
  volumes.settle(record.id)
  undo.move()
  await networking.announce(sandboxWish(record, dir))
  publish('create', record)
  return { id: record.id, warnings: [...discarded, ...warningsOf(record), ...warnings] }
}

function freeName({ table }: ContainerParts): string {
  for (let attempt = 0; ; attempt++) {
    const name = randomName() + (attempt < 5 ? '' : String(attempt))
    if (table.named(name) === undefined) return name
  }
}

/** What is not there is called as the user calls it. */
function networkName({ networking }: ContainerParts, ref: string): string {
  return ifFound(() => networking.find(ref).name) ?? ref
}

/** `container:NAME` is stored as `container:ID`: the donor may get another name later. */
function resolveDonor({ table }: ContainerParts, record: ContainerRecord): ContainerRecord {
  const ref = joinedContainer(record.hostConfig.NetworkMode)
  const donor = ref === undefined ? undefined : ifFound(() => table.find(ref))
  return donor === undefined ? record : withDonor(record, donor)
}

function warningsOf({ hostConfig }: ContainerRecord): readonly string[] {
  const published = Object.keys(hostConfig.PortBindings ?? {}).length > 0 || hostConfig.PublishAllPorts === true
  return hostConfig.NetworkMode === 'host' && published
    ? ['Published ports are discarded when using host network mode']
    : []
}
