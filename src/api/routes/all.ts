import type { Routes } from '../parts.ts'
import { buildRoutes } from './build.ts'
import { cniRoutes } from './cni.ts'
import { containerArchiveRoutes } from './container-archive.ts'
import { containerAttachRoutes } from './container-attach.ts'
import { containerChangeRoutes } from './container-changes.ts'
import { containerCreateRoutes } from './container-create.ts'
import { containerInspectRoutes } from './container-inspect.ts'
import { containerLifecycleRoutes } from './container-lifecycle.ts'
import { containerListRoutes } from './container-list.ts'
import { containerLogRoutes } from './container-logs.ts'
import { containerPortRoutes } from './container-ports.ts'
import { containerPruneRoutes } from './container-prune.ts'
import { containerStatsRoutes } from './container-stats.ts'
import { containerUpdateRoutes } from './container-update.ts'
import { containerWaitRoutes } from './container-wait.ts'
import { diskUsageRoutes } from './disk-usage.ts'
import { eventRoutes } from './events.ts'
import { execRoutes } from './execs.ts'
import { imageLoadRoutes } from './image-load.ts'
import { imageSaveRoutes } from './image-save.ts'
import { imageRoutes } from './images.ts'
import { metricsRoutes } from './metrics.ts'
import { networkRoutes } from './networks.ts'
import { nodeRoutes } from './nodes.ts'
import { registryRoutes } from './registries.ts'
import { swarmRoutes } from './swarm.ts'
import { systemRoutes } from './system.ts'
import { volumeRoutes } from './volumes.ts'

/** Every route of the API. What is not here answers 501 where Docker has it, else 404. */
export const allRoutes: readonly Routes[] = [
  systemRoutes,
  diskUsageRoutes,
  metricsRoutes,
  eventRoutes,
  containerListRoutes,
  containerCreateRoutes,
  containerInspectRoutes,
  containerLifecycleRoutes,
  containerPruneRoutes,
  containerUpdateRoutes,
  containerWaitRoutes,
  containerPortRoutes,
  containerLogRoutes,
  containerStatsRoutes,
  containerAttachRoutes,
  containerArchiveRoutes,
  containerChangeRoutes,
  execRoutes,
  networkRoutes,
  nodeRoutes,
  cniRoutes,
  imageRoutes,
  imageSaveRoutes,
  imageLoadRoutes,
  registryRoutes,
  volumeRoutes,
  swarmRoutes,
  buildRoutes,
]
