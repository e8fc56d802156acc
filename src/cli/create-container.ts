import { closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs'
import { createContainer } from '../client/containers.ts'
import { ApiError } from '../client/errors.ts'
import type { CreatedContainer } from '../protocol/answers.ts'
import type { ContainerCreateBody } from '../protocol/container.ts'
import type { CommandContext } from './command.ts'
import { planBody } from './container-options/body.ts'
import { pull } from './pull.ts'
import { withDefaultTag } from './reference.ts'
import { printLine, terminalSize } from './terminal.ts'

/** Makes a container of the flags and arguments of `run` or `create`; fetches the image when it is missing. */
export async function createFromFlags(context: CommandContext): Promise<{ id: string; body: ContainerCreateBody }> {
  const { flags, args, env, terminal } = context
  const policy = flags.text('pull')
  if (!/^(always|missing|never)$/.test(policy)) {
    throw new Error(`invalid pull option: '${policy}': must be one of "always", "missing" or "never"`)
  }
  const size = terminalSize(terminal)
  const body = planBody(flags, args, { own: env, size: size && [size.rows, size.columns] })
  using cidFile = openCidFile(flags.text('cidfile'))
  if (policy === 'always') await pullImageOf(context, body)
  const { Id: id, Warnings: warnings } = await createOrPull(context, body, policy === 'missing')
  for (const warning of warnings ?? []) printLine(terminal.stderr, `WARNING: ${warning}`)
  cidFile.write(id)
  return { id, body }
}

async function createOrPull(
  context: CommandContext,
  body: ContainerCreateBody,
  pullMissing: boolean,
): Promise<CreatedContainer> {
  const { flags, transport, terminal } = context
  const query = { name: flags.text('name') || undefined, platform: flags.text('platform') || undefined }
  try {
    return await createContainer(transport, body, query)
  } catch (error) {
    // The daemon's words, because a network that is missing is a 404 as well.
    const noImage = error instanceof ApiError && error.status === 404 && /no such image/i.test(error.message)
    if (!noImage || !pullMissing) throw error
    printLine(terminal.stderr, `Unable to find image '${withDefaultTag(body.Image ?? '')}' locally`)
    await pullImageOf(context, body)
    return await createContainer(transport, body, query)
  }
}

function pullImageOf({ flags, env, transport, terminal }: CommandContext, body: ContainerCreateBody): Promise<void> {
  const output = flags.on('quiet') ? undefined : terminal.stderr
  return pull(transport, { image: body.Image ?? '', platform: flags.text('platform'), env, output })
}

/** Takes the file of `--cidfile` before anything is made; an empty one does not stay. */
function openCidFile(path: string): Disposable & { write(id: string): void } {
  if (path === '') return { write: () => {}, [Symbol.dispose]: () => {} }
  if (existsSync(path)) {
    throw new Error(`container ID file found, make sure the other container isn't running or delete ${path}`)
  }
  const file = openSync(path, 'wx', 0o644)
  let written = false
  return {
    write(id) {
      writeSync(file, id)
      written = true
    },
    [Symbol.dispose]() {
      closeSync(file)
      if (!written) rmSync(path, { force: true })
    },
  }
}
