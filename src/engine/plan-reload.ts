import { isDeepStrictEqual } from 'node:util'
import type { EngineConfig } from './config.ts'
import type { Option } from './options/option.ts'
import { options } from './options/options.ts'

/** What a configuration that was read again changes. */
export interface Reload {
  readonly config: EngineConfig
  /** Keys that count from now on. */
  readonly changed: readonly string[]
  /** Keys that are new too, and count after the next start only. */
  readonly waiting: readonly string[]
}

/** Takes from `wanted` what can change while the engine runs. Pure. */
export function planReload(current: EngineConfig, wanted: EngineConfig): Reload {
  const different = Object.entries<Option<unknown>>(options).filter(([name]) => {
    return !isDeepStrictEqual(current[name as keyof EngineConfig], wanted[name as keyof EngineConfig])
  })
  const [changed, waiting] = [true, false].map((can) => different.filter(([, { reloadable }]) => reloadable === can))
  const values = changed!.map(([name]) => [name, wanted[name as keyof EngineConfig]])
  return {
    config: Object.freeze({ ...current, ...Object.fromEntries(values) }),
    changed: changed!.map(([, { key }]) => key),
    waiting: waiting!.map(([, { key }]) => key),
  }
}
