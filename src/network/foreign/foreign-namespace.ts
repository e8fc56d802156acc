import { statSync } from 'node:fs'
import { EngineError } from '../../base/errors.ts'
import { bringUpLoopback } from '../../kernel/named-namespace.ts'
import type { NetworkNamespace } from '../../kernel/namespace.ts'
import type { SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { ForeignNamespace } from '../networking.ts'
import { openSandboxNamespace, type SandboxHandle } from '../sandbox/sandbox-namespace.ts'

/** The namespace of a container that another engine has; undefined: it is one of our own. */
export function foreignNamespace({ wish: { mode } }: Pick<SandboxRecord, 'wish'>): ForeignNamespace | undefined {
  return mode.kind === 'own' ? mode.foreign : undefined
}

/**
 * Looks at a namespace that somebody else has made.
 *
 * @param host that of the engine, which is nobody's container
 * @throws {EngineError} `invalid-argument` when it is none, or the host's own
 */
export function findForeignNamespace(path: string, host: NetworkNamespace): ForeignNamespace {
  const refuse = (why: string, cause?: unknown): never => {
    throw new EngineError('invalid-argument', `Cannot use network namespace "${path}": ${why}`, { cause })
  }
  if (!path.startsWith('/')) refuse('its path is not absolute')
  let inode = 0
  try {
    using handle = openSandboxNamespace(path)
    inode = handle.namespace.inode
  } catch (cause) {
    refuse((cause as Error).message, cause)
  }
  if (inode === host.inode) refuse("it is the host's own")
  return { path, inode }
}

/** Opens it to plug somebody in. @throws {EngineError} `not-found` when it has ended */
export function enterForeignNamespace(foreign: ForeignNamespace): SandboxHandle {
  const handle = openForeignNamespace(foreign)
  if (handle === undefined) throw new EngineError('not-found', `network namespace "${foreign.path}" has ended`)
  bringUpLoopback(handle.netlink) // names are asked for there
  return handle
}

/** Opens it if it still lives: its path may be another's by now. */
export function openForeignNamespace({ path, inode }: ForeignNamespace): SandboxHandle | undefined {
  if (statSync(path, { throwIfNoEntry: false })?.ino !== inode) return undefined
  return openSandboxNamespace(path)
}

/** Containers of other engines whose namespace lives: their networks stay, whoever asks for what runs here. */
export function livingForeigners({ table }: Pick<NetworkParts, 'table'>): string[] {
  return table
    .sandboxes()
    .filter((sandbox) => {
      const foreign = foreignNamespace(sandbox)
      return foreign !== undefined && statSync(foreign.path, { throwIfNoEntry: false })?.ino === foreign.inode
    })
    .map(({ containerId }) => containerId)
}
