import { isErrno, type KernelError } from '../../../base/errors.ts'
import { shortId } from '../../../base/id.ts'
import { findLink, type LinkInfo, listLinks, setLink } from '../../../kernel/netlink/links.ts'
import { ensureInside } from '../../cables/inside-link.ts'
import { endpointMark } from '../../cables/link-marks.ts'
import type { Changes, DriverContext, EndpointSpec, OpenSandbox } from '../../driver.ts'
import { whenFree } from './when-free.ts'

/** An interface that sits on one of the host's, and how it is made. */
export interface ChildSite {
  /** `IFLA_INFO_KIND`: `"macvlan"`. */
  readonly kind: string
  /** What the kernel says while a container that has just ended still holds what this one needs. */
  readonly busy: readonly KernelError['errno'][]
  /** Makes it in the container, down, by that name. */
  readonly create: (name: string) => void
}

/**
 * Older kernels, 6.1 among them, make no link in another namespace by a name that somebody has in the host's, like
 * `eth0`: there it is renamed afterwards, for which the kernel waits some milliseconds.
 */
function birthName(endpointId: string): string {
  return `c-${shortId(endpointId)}`
}

/**
 * Gives a container its interface on a parent: made straight in its namespace, with its addresses, up. Makes only what
 * is missing.
 *
 * The mark comes last: an interface without was left by somebody who died over it. By the mark it is known under
 * whatever name its container gave it.
 */
export async function ensureChild(
  { kind, busy, create }: ChildSite,
  endpoint: EndpointSpec,
  sandbox: OpenSandbox,
): Promise<Changes> {
  const { netlink } = sandbox
  const mark = endpointMark(endpoint.id)
  const changes: string[] = []
  const { id, interfaceName: name } = endpoint
  const present = findChild(endpoint, sandbox)
  if (present?.alias === mark && present.name !== name) return [] // renamed: its container's own now
  if (present === undefined || present.kind !== kind) {
    await whenFree(busy, () => createNamed(name, birthName(id), create))
    changes.push(`made ${name}`)
  }
  const born = findLink(netlink, birthName(id))
  if (born !== undefined) setLink(netlink, born.index, { name })
  const inside = born === undefined ? findLink(netlink, name)! : { ...born, name }
  const isNew = inside.alias !== mark
  changes.push(...(await whenFree(busy, () => ensureInside(inside, endpoint, sandbox, isNew))))
  if (isNew) setLink(netlink, inside.index, { alias: mark })
  return changes
}

function createNamed(name: string, other: string, create: ChildSite['create']): void {
  try {
    create(name)
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
    create(other)
  }
}

/** Takes a container's interface away; absent is success, and so is one of another kind, which is not ours. */
export async function removeChild(
  kind: ChildSite['kind'],
  endpoint: EndpointSpec,
  { reaper }: DriverContext,
  sandbox: OpenSandbox | undefined,
): Promise<void> {
  const link = sandbox && findChild(endpoint, sandbox)
  // Every container has an eth0.
  if (sandbox !== undefined && link?.kind === kind)
    await reaper.deleteFromSight(link.name, sandbox.netlink, endpointMark(endpoint.id))
}

/** By its name, else by its mark, else by the name that it is born with. */
function findChild({ id, interfaceName }: EndpointSpec, { netlink }: OpenSandbox): LinkInfo | undefined {
  const mark = endpointMark(id)
  const named = findLink(netlink, interfaceName)
  if (named?.alias === mark) return named
  const links = listLinks(netlink)
  return links.find(({ alias }) => alias === mark) ?? links.find(({ name }) => name === birthName(id)) ?? named
}
