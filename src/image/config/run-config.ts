import type { ImageHealthcheck, ImageRunConfig } from '../images.ts'
import { isObject, type JsonObject, strings } from './json.ts'

/**
 * The part of an image's configuration that containers start from, with every field of the wrong type left out:
 * it comes from registries and archives, and is read by code that trusts it.
 *
 * @source OCI image-spec v1.1, config.md, "config"; Docker Engine API v1.51, ImageConfig
 */
export function parseRunConfig(value: unknown): ImageRunConfig {
  if (!isObject(value)) return {}
  return {
    ...field(value, 'User', string),
    ...field(value, 'ExposedPorts', emptyObjects),
    ...field(value, 'Env', strings),
    ...field(value, 'Entrypoint', strings),
    ...field(value, 'Cmd', strings),
    ...field(value, 'Volumes', emptyObjects),
    ...field(value, 'WorkingDir', string),
    ...field(value, 'Labels', stringValues),
    ...field(value, 'StopSignal', string),
    ...field(value, 'Healthcheck', healthcheck),
    ...field(value, 'OnBuild', strings),
    ...field(value, 'Shell', strings),
  }
}

function field<Name extends string, T>(
  from: JsonObject,
  name: Name,
  read: (value: unknown) => T | undefined,
): { [K in Name]?: T } {
  const value = read(from[name])
  // A computed key widens to `string`; the one key that is there is `name`.
  return (value === undefined ? {} : { [name]: value }) as { [K in Name]?: T }
}

function string(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function emptyObjects(value: unknown): Readonly<Record<string, object>> | undefined {
  return isObject(value) ? Object.fromEntries(Object.keys(value).map((key) => [key, {}])) : undefined
}

function stringValues(value: unknown): Readonly<Record<string, string>> | undefined {
  if (!isObject(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === 'string'),
  )
}

function healthcheck(value: unknown): ImageHealthcheck | undefined {
  if (!isObject(value)) return undefined
  return {
    ...field(value, 'Test', strings),
    ...field(value, 'Interval', number),
    ...field(value, 'Timeout', number),
    ...field(value, 'StartPeriod', number),
    ...field(value, 'StartInterval', number),
    ...field(value, 'Retries', number),
  }
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}
