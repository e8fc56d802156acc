import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import type { CommitAnswer, FilesystemChange, PathStat } from '../protocol/files.ts'
import { pathStatHeader } from '../protocol/files.ts'
import { ApiError } from './errors.ts'
import type { Query, Transport } from './transport.ts'

/** Looks at a path in a container; undefined when it is not there. @source Docker Engine API v1.51, ContainerArchiveInfo */
export async function statPath(transport: Transport, ref: string, path: string): Promise<PathStat | undefined> {
  try {
    return statIn(await transport.open({ method: 'HEAD', path: `${at(ref)}/archive`, query: { path } }))
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined
    throw error
  }
}

/** Opens an archive of what a path in a container leads to. @source Docker Engine API v1.51, ContainerArchive */
export async function openArchive(
  transport: Transport,
  ref: string,
  path: string,
): Promise<{ readonly stat: PathStat; readonly content: IncomingMessage }> {
  const content = await transport.open({ method: 'GET', path: `${at(ref)}/archive`, query: { path } })
  return { stat: statIn(content), content }
}

/** Unpacks an archive into a directory of a container. @source Docker Engine API v1.51, PutContainerArchive */
export function putArchive(
  transport: Transport,
  ref: string,
  archive: Readable,
  { path, copyUidGid }: { readonly path: string; readonly copyUidGid: boolean },
): Promise<void> {
  const query = { path, noOverwriteDirNonDir: true, copyUIDGID: copyUidGid }
  return transport.send({ method: 'PUT', path: `${at(ref)}/archive`, query, upload: archive })
}

/** What a container has changed. @source Docker Engine API v1.51, ContainerChanges */
export async function listChanges(transport: Transport, ref: string): Promise<readonly FilesystemChange[]> {
  const changes = await transport.json<FilesystemChange[] | null>({ method: 'GET', path: `${at(ref)}/changes` })
  return changes ?? []
}

/** Opens an archive of a container's root file system. @source Docker Engine API v1.51, ContainerExport */
export function openExport(transport: Transport, ref: string): Promise<IncomingMessage> {
  return transport.open({ method: 'GET', path: `${at(ref)}/export` })
}

/** Makes an image of a container. @source Docker Engine API v1.51, ImageCommit */
export function commitContainer(transport: Transport, query: Query): Promise<CommitAnswer> {
  return transport.json({ method: 'POST', path: '/commit', query })
}

function statIn({ headers }: IncomingMessage): PathStat {
  const header = headers[pathStatHeader.toLowerCase()]
  return JSON.parse(Buffer.from(String(header), 'base64').toString('utf8')) as PathStat
}

function at(ref: string): string {
  return `/containers/${encodeURIComponent(ref)}`
}
