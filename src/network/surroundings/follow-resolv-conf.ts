import type { SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import { copiedFiles } from '../sandbox/plan-files.ts'
import { updateResolvConf } from '../sandbox/sandbox-files.ts'
import { planSandbox } from '../sandbox/sandbox-plan.ts'

/** Whether the resolver has heard of it already. */
export interface Followed {
  readonly resolverKnows: boolean
}

/**
 * Makes every container ask the servers that the host asks now: by its embedded resolver, and by its resolv.conf
 * unless somebody has edited that. One container that cannot be helped does not keep the others from it.
 */
export async function followResolvConf(parts: NetworkParts, followed: Followed): Promise<void> {
  for (const { containerId } of parts.table.sandboxes()) {
    try {
      await follow(parts, containerId, followed)
    } catch (error) {
      parts.log.error("cannot follow the host's resolv.conf", { container: containerId, error })
    }
  }
}

async function follow(parts: NetworkParts, containerId: string, { resolverKnows }: Followed): Promise<void> {
  const { table, locks, resolver } = parts
  using _ = await locks.acquire(`container ${containerId}`)
  const sandbox = table.sandbox(containerId)
  // Who lives with another has that one's very file.
  if (sandbox === undefined || sandbox.wish.mode.kind === 'join') return
  if (sandbox.wish.mode.kind === 'host') return rewrite(parts, sandbox, copiedFiles(parts, sandbox.wish).resolvConf)
  const { setup, resolvConf } = planSandbox(parts, sandbox, table.endpointsOfContainer(containerId))
  if (setup !== undefined && !resolverKnows) await resolver.putSandbox(setup)
  rewrite(parts, sandbox, resolvConf.text)
}

function rewrite({ table }: NetworkParts, sandbox: SandboxRecord, text: string): void {
  const resolvConfHash = updateResolvConf(sandbox.wish.filesDir, text, sandbox.resolvConfHash)
  if (resolvConfHash !== sandbox.resolvConfHash) table.commit({ sandboxes: [{ ...sandbox, resolvConfHash }] })
}
