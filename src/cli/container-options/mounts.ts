import { resolve } from 'node:path'
import { isRelative } from './mount-option.ts'

/** What `-v` asks for: paths bound from the host, and volumes without a name. */
export interface VolumeOptions {
  readonly binds: readonly string[]
  readonly anonymous: readonly string[]
}

/** Reads the values of `-v`: `"/host:/container:ro"`, `"./here:/there"`, `"/anonymous"`. @throws {Error} */
export function parseVolumes(values: readonly string[]): VolumeOptions {
  const binds: string[] = []
  const anonymous: string[] = []
  for (const value of values) {
    const parts = value.split(':')
    if (parts.some((part) => part === '')) throw new Error(`invalid spec: ${value}: empty section between colons`)
    const [source = '', ...rest] = parts
    if (rest.length === 0) anonymous.push(source)
    else binds.push([isRelative(source) ? resolve(source) : source, ...rest].join(':'))
  }
  return { binds, anonymous }
}

/** Reads the values of `--tmpfs`: `"/run:size=64m"`. */
export function parseTmpfs(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    values.map((value) => {
      const at = value.indexOf(':')
      return at < 0 ? [value, ''] : [value.slice(0, at), value.slice(at + 1)]
    }),
  )
}
