import { resolve } from 'node:path'
import type { Mount } from '../../protocol/container.ts'
import { splitPair } from '../flags/flags.ts'
import { parseBytes, splitCsv } from '../flags/values.ts'

type Writable<T> = { -readonly [Key in keyof T]: T[Key] }

/** What is known of a mount while its words are read. */
interface Draft {
  type: string
  source: string
  target: string
  readOnly: boolean
  consistency: string
  readonly bind: Writable<NonNullable<Mount['BindOptions']>>
  readonly volume: Writable<NonNullable<Mount['VolumeOptions']>>
  readonly driver: { Name?: string; Options?: Record<string, string> }
  readonly labels: Record<string, string>
  readonly image: Writable<NonNullable<Mount['ImageOptions']>>
  readonly tmpfs: Writable<NonNullable<Mount['TmpfsOptions']>>
}

/** Reads one `--mount`: `"type=bind,src=/a,dst=/b,readonly"`. @throws {Error} with Docker's words */
export function parseMount(text: string): Mount {
  if (text === '') throw new Error('EOF')
  const draft: Draft = {
    ...{ type: 'volume', source: '', target: '', readOnly: false, consistency: '' },
    ...{ bind: {}, volume: {}, driver: {}, labels: {}, image: {}, tmpfs: {} },
  }
  for (const part of splitCsv(text)) {
    const { key, value } = keyAndValue(part)
    const read = readers[key]
    if (read === undefined) throw new Error(`unexpected key '${key}' in '${part}'`)
    read(draft, value, key)
  }
  if (draft.target === '') throw new Error('target is required')
  return planMount(draft)
}

type Reader = (draft: Draft, value: string, key: string) => void

const source: Reader = (draft, value) => {
  draft.source = isRelative(value) ? resolve(value) : value
}
const target: Reader = (draft, value) => {
  draft.target = value
}
const readOnly: Reader = (draft, value, key) => {
  draft.readOnly = isTrue(key, value)
}

const readers: Readonly<Record<string, Reader>> = {
  type: (draft, value) => {
    draft.type = value.toLowerCase()
  },
  source,
  src: source,
  target,
  dst: target,
  destination: target,
  readonly: readOnly,
  ro: readOnly,
  consistency: (draft, value) => {
    draft.consistency = value.toLowerCase()
  },
  'bind-propagation': ({ bind }, value) => {
    bind.Propagation = value.toLowerCase()
  },
  'bind-create-src': ({ bind }, value, key) => {
    bind.CreateMountpoint = isTrue(key, value)
  },
  'bind-nonrecursive': ({ bind }, value, key) => {
    bind.NonRecursive = isTrue(key, value)
  },
  'bind-recursive': ({ bind }, value) => {
    if (value === 'disabled') bind.NonRecursive = true
    else if (value === 'writable') bind.ReadOnlyNonRecursive = true
    else if (value === 'readonly') bind.ReadOnlyForceRecursive = true
    else if (value !== 'enabled') {
      const known = '(must be "enabled", "disabled", "writable", or "readonly")'
      throw new Error(`invalid value for bind-recursive: ${value} ${known}`)
    }
  },
  'volume-subpath': ({ volume }, value) => {
    volume.Subpath = value
  },
  'volume-nocopy': ({ volume }, value, key) => {
    volume.NoCopy = isTrue(key, value)
  },
  'volume-label': ({ labels }, value) => {
    const [name, label] = splitPair(value)
    labels[name] = label
  },
  'volume-driver': ({ driver }, value) => {
    driver.Name = value
  },
  'volume-opt': ({ driver }, value) => {
    const [name, option] = splitPair(value)
    driver.Options = { ...driver.Options, [name]: option }
  },
  'image-subpath': ({ image }, value) => {
    image.Subpath = value
  },
  'tmpfs-size': ({ tmpfs }, value, key) => {
    try {
      tmpfs.SizeBytes = parseBytes(value)
    } catch (cause) {
      throw new Error(`invalid value for ${key}: ${value}`, { cause })
    }
  },
  'tmpfs-mode': ({ tmpfs }, value, key) => {
    if (!/^[0-7]+$/.test(value)) throw new Error(`invalid value for ${key}: ${value}`)
    tmpfs.Mode = Number.parseInt(value, 8)
  },
}

function planMount({ type, source: from, target: to, bind, image, tmpfs, ...draft }: Draft): Mount {
  const volume = volumeOptions(draft)
  const families = { bind, volume, image, tmpfs }
  for (const [family, options] of Object.entries(families)) {
    if (Object.keys(options).length > 0 && family !== type) {
      throw new Error(`cannot mix '${family}-*' options with mount type '${type}'`)
    }
  }
  if (bind.ReadOnlyForceRecursive) checkForced(draft.readOnly, bind.Propagation)
  return {
    // The daemon says which types it knows.
    Type: type as Mount['Type'],
    Target: to,
    ...(from === '' ? {} : { Source: from }),
    ...(draft.readOnly ? { ReadOnly: true } : {}),
    ...(draft.consistency === '' ? {} : { Consistency: draft.consistency }),
    ...(Object.keys(bind).length > 0 ? { BindOptions: bind } : {}),
    ...(Object.keys(volume).length > 0 ? { VolumeOptions: volume } : {}),
    ...(Object.keys(image).length > 0 ? { ImageOptions: image } : {}),
    ...(Object.keys(tmpfs).length > 0 ? { TmpfsOptions: tmpfs } : {}),
  }
}

function volumeOptions({ volume, driver, labels }: Pick<Draft, 'volume' | 'driver' | 'labels'>): object {
  return {
    ...volume,
    ...(Object.keys(labels).length > 0 ? { Labels: labels } : {}),
    ...(Object.keys(driver).length > 0 ? { DriverConfig: driver } : {}),
  }
}

function checkForced(readOnlyToo: boolean, propagation: string | undefined): void {
  const needs = (what: string): Error =>
    new Error(`option 'bind-recursive=readonly' requires '${what}' to be specified in conjunction`)
  if (!readOnlyToo) throw needs('readonly')
  if (propagation !== 'rprivate') throw needs('bind-propagation=rprivate')
}

const switches: ReadonlySet<string> = new Set([
  'readonly',
  'ro',
  'bind-create-src',
  'bind-nonrecursive',
  'volume-nocopy',
])

function keyAndValue(part: string): { key: string; value: string } {
  const at = part.indexOf('=')
  const key = (at < 0 ? part : part.slice(0, at)).trim().toLowerCase()
  if (at < 0 && !switches.has(key)) throw new Error(`invalid field '${part}' must be a key=value pair`)
  return { key, value: at < 0 ? 'true' : part.slice(at + 1).trim() }
}

function isTrue(key: string, value: string): boolean {
  if (/^(1|t|true)$/i.test(value)) return true
  if (/^(0|f|false)$/i.test(value)) return false
  throw new Error(`invalid value for ${key}: ${value}`)
}

/** `"."`, `"./x"`, `"../x"`: as seen from where the user is. */
export function isRelative(path: string): boolean {
  return path === '.' || path === '..' || path.startsWith('./') || path.startsWith('../')
}
