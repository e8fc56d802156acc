import type { Readable } from 'node:stream'
import type { ProgressMessage } from '../protocol/image.ts'
import { readJsonLines } from './json-lines.ts'
import type { Query, Transport } from './transport.ts'

/** One line of a build: a line of progress, or the id of the image. */
export interface BuildMessage extends ProgressMessage {
  readonly aux?: { readonly ID?: string }
}

/** Builds an image of a context. @param registries base64 of the credentials' JSON, by registry @source Docker Engine API v1.51, ImageBuild */
export async function* buildImage(
  transport: Transport,
  query: Query,
  context: Readable,
  registries: string,
): AsyncGenerator<BuildMessage> {
  const headers = { 'X-Registry-Config': registries, 'Content-Type': 'application/x-tar' }
  const call = { method: 'POST', path: '/build', query, upload: context, headers } as const
  yield* readJsonLines<BuildMessage>(await transport.open(call))
}
