import type { ImageRunConfig } from '../../image/images.ts'
import type { ContainerConfig } from '../../protocol/container.ts'
import { mergeHealth } from '../health/health-plan.ts'

/**
 * A container's configuration with what its image says filled in.
 *
 * An entrypoint given by the user drops the image's command; variables, labels, ports and volumes add up, the
 * user's winning.
 *
 * @source Docker Engine API v1.51, ContainerCreate; the OCI image specification, "config"
 */
export function mergeConfig(config: ContainerConfig, image: ImageRunConfig): ContainerConfig {
  const ownEntrypoint = (config.Entrypoint?.length ?? 0) > 0
  // [""] is how clients say "no entrypoint at all"
  const entrypoint = ownEntrypoint ? config.Entrypoint!.filter((word) => word !== '') : (image.Entrypoint ?? [])
  const ownCommand = (config.Cmd?.length ?? 0) > 0
  const command = ownCommand ? config.Cmd! : ownEntrypoint ? [] : (image.Cmd ?? [])
  const health = mergeHealth(config.Healthcheck, image.Healthcheck)
  const shell = config.Shell ?? image.Shell
  const stopSignal = config.StopSignal || image.StopSignal
  return {
    ...config,
    Entrypoint: entrypoint.length > 0 ? entrypoint : null,
    Cmd: command.length > 0 ? command : null,
    Env: mergeEnvironment(image.Env ?? [], config.Env ?? []),
    User: config.User || image.User || '',
    WorkingDir: config.WorkingDir || image.WorkingDir || '',
    Labels: { ...image.Labels, ...config.Labels },
    ...mergedKeys('ExposedPorts', image.ExposedPorts, config.ExposedPorts),
    ...mergedKeys('Volumes', image.Volumes, config.Volumes),
    ...(stopSignal ? { StopSignal: stopSignal } : {}),
    ...(health ? { Healthcheck: health } : {}),
    ...(shell && shell.length > 0 ? { Shell: shell } : {}),
  }
}

/** `NAME=value` lists, the later ones winning; a bare `NAME` in the later list removes it. */
function mergeEnvironment(base: readonly string[], added: readonly string[]): string[] {
  const nameOf = (variable: string) => variable.split('=', 1)[0]!
  const replaced = new Set(added.map(nameOf))
  return [...base.filter((variable) => !replaced.has(nameOf(variable))), ...added.filter((v) => v.includes('='))]
}

function mergedKeys<K extends string>(
  key: K,
  image: Readonly<Record<string, object>> | undefined,
  own: Readonly<Record<string, object>> | null | undefined,
): Partial<Record<K, Readonly<Record<string, object>>>> {
  const merged = { ...image, ...own }
  return Object.keys(merged).length > 0 ? ({ [key]: merged } as Record<K, Readonly<Record<string, object>>>) : {}
}
