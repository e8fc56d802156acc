import { resolve } from 'node:path'
import type { Mount } from '../../protocol/container.ts'
import { parseBytes, splitCsv } from '../flags/values.ts'

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

/** Reads one `--mount`: `"type=bind,src=/a,dst=/b,readonly"`. @throws {Error} with Docker's words */
export function parseMount(text: string): Mount {
  const fields = { type: 'volume', source: '', target: '', readOnly: false }
  const bind: { Propagation?: string; CreateMountpoint?: boolean } = {}
  const tmpfs: { SizeBytes?: number; Mode?: number } = {}
  for (const part of splitCsv(text)) {
    const { key, value } = keyAndValue(part)
    if (key === 'type') fields.type = value.toLowerCase()
    else if (key === 'source' || key === 'src') fields.source = isRelative(value) ? resolve(value) : value
    else if (key === 'target' || key === 'dst' || key === 'destination') fields.target = value
    else if (key === 'readonly' || key === 'ro') fields.readOnly = isTrue(part, value)
    else if (key === 'bind-propagation') bind.Propagation = value.toLowerCase()
    else if (key === 'bind-create-src') bind.CreateMountpoint = isTrue(part, value)
    else if (key === 'tmpfs-size') tmpfs.SizeBytes = parseBytes(value)
    else if (key === 'tmpfs-mode') tmpfs.Mode = Number.parseInt(value, 8)
    else throw new Error(`unexpected key '${key}' in '${part}'`)
  }
  if (fields.target === '') throw new Error('target is required')
  return {
    // The daemon says which types it knows.
    Type: fields.type as Mount['Type'],
    Target: fields.target,
    ...(fields.source === '' ? {} : { Source: fields.source }),
    ...(fields.readOnly ? { ReadOnly: true } : {}),
    ...(Object.keys(bind).length > 0 ? { BindOptions: bind } : {}),
    ...(Object.keys(tmpfs).length > 0 ? { TmpfsOptions: tmpfs } : {}),
  }
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

const switches: ReadonlySet<string> = new Set(['readonly', 'ro', 'bind-create-src'])

function keyAndValue(part: string): { key: string; value: string } {
  const at = part.indexOf('=')
  const key = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase()
  if (at < 0 && !switches.has(key)) throw new Error(`invalid field '${part}' must be a key=value pair`)
  return { key, value: at < 0 ? 'true' : part.slice(at + 1).trim() }
}

function isTrue(part: string, value: string): boolean {
  if (/^(1|true)$/i.test(value)) return true
  if (/^(0|false)$/i.test(value)) return false
  throw new Error(`invalid value for ${part.split('=')[0]}: ${value}`)
}

function isRelative(path: string): boolean {
  return path === '.' || path === '..' || path.startsWith('./') || path.startsWith('../')
}
