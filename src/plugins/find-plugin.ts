import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { EngineError } from '../base/errors.ts'

/** Where a plugin listens. */
export interface PluginAddress {
  readonly name: string
  /** `unix:///run/x.sock`, `tcp://127.0.0.1:9000`, `https://…` */
  readonly url: URL
  /** Of `https` only. */
  readonly tls: PluginTls
}

/** Files of certificates, as a plugin's `.json` names them. */
export interface PluginTls {
  readonly caFile?: string
  readonly certFile?: string
  readonly keyFile?: string
  /** True: whoever answers is believed. */
  readonly insecure: boolean
}

/** Directories in the order in which they are looked into. */
export interface PluginPlaces {
  readonly sockets: readonly string[]
  readonly specs: readonly string[]
}

/** Docker's places, and one of our own before them. @source Docker's documentation of legacy plugins, "Plugin discovery" */
export function pluginPlaces(ownDirectory: string): PluginPlaces {
  return {
    sockets: [ownDirectory, '/run/docker/plugins'],
    specs: [ownDirectory, '/etc/docker/plugins', '/usr/lib/docker/plugins'],
  }
}

/**
 * Looks for `NAME.sock`, then `NAME.spec`, then `NAME.json`, each also in a directory of that name.
 *
 * @returns undefined when there is none
 * @throws {EngineError} `internal` for a file that says nothing sensible
 */
export async function findPlugin(places: PluginPlaces, name: string): Promise<PluginAddress | undefined> {
  if (name === '' || name.startsWith('.') || /[/\0]/.test(name)) return undefined // no way out of the directories
  for (const path of candidates(places.sockets, name, '.sock')) {
    if ((await stat(path).catch(() => undefined))?.isSocket()) return local(name, path)
  }
  for (const directory of places.specs) {
    for (const path of candidates([directory], name, '.spec', '.json')) {
      const text = await readFile(path, 'utf8').catch(() => undefined)
      if (text !== undefined) return path.endsWith('.json') ? parseJson(name, path, text) : parseSpec(name, path, text)
    }
  }
  return undefined
}

function candidates(directories: readonly string[], name: string, ...endings: string[]): string[] {
  return directories.flatMap((directory) =>
    endings.flatMap((ending) => [join(directory, `${name}${ending}`), join(directory, name, `${name}${ending}`)]),
  )
}

function local(name: string, path: string): PluginAddress {
  return { name, url: new URL(`unix://${path}`), tls: { insecure: true } }
}

function parseSpec(name: string, path: string, text: string): PluginAddress {
  return { name, url: parseUrl(text.trim(), path), tls: { insecure: true } }
}

function parseJson(name: string, path: string, text: string): PluginAddress {
  let value: { Addr?: unknown; TLSConfig?: Readonly<Record<string, unknown>> | null } | null
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw unreadable(path, `it is not JSON: ${(cause as Error).message}`)
  }
  if (typeof value?.Addr !== 'string') throw unreadable(path, 'it has no "Addr"')
  const file = (key: string) => {
    const path = value.TLSConfig?.[key]
    return typeof path === 'string' && path !== '' ? path : undefined
  }
  const [caFile, certFile, keyFile] = ['CAFile', 'CertFile', 'KeyFile'].map(file)
  // Whoever says nothing of TLS trusts whom the system trusts; whoever does, without an authority, everybody.
  const { TLSConfig: said } = value
  const insecure = said != null && (caFile === undefined || said['InsecureSkipVerify'] === true)
  return {
    name,
    url: parseUrl(value.Addr, path),
    tls: { insecure, ...(caFile && { caFile }), ...(certFile && { certFile }), ...(keyFile && { keyFile }) },
  }
}

function parseUrl(text: string, path: string): URL {
  if (/^(unix|tcp|https?):\/\/./.test(text) && URL.canParse(text)) return new URL(text)
  throw unreadable(path, `"${text}" is no address: unix://PATH, tcp://HOST:PORT, http://… or https://… is`)
}

function unreadable(path: string, why: string): EngineError {
  return new EngineError('internal', `Cannot read plugin file "${path}": ${why}`)
}
