import { findLink, listLinks } from '../../../kernel/netlink/links.ts'
import type { Changes, DriverContext } from '../../driver.ts'
import { parentMark } from './parent-mark.ts'
import type { Parent } from './parent-name.ts'
import type { ParentUsers } from './parent-users.ts'

/** A network no longer sits on an interface: what was made for it goes with its last one. */
export function releaseParent(parent: Parent, users: ParentUsers, { host, reaper }: DriverContext): void {
  if (users.isUsed(parent.name)) return
  if (findLink(host, parent.name)?.alias === parentMark) reaper.condemn(parent.name)
}

/** Removes what was made to be sat on, and nobody sits on. @returns what it removed, in words */
export async function sweepParents(users: ParentUsers, { host, reaper }: DriverContext): Promise<Changes> {
  const unwanted = listLinks(host).filter(({ alias, name }) => alias === parentMark && !users.isUsed(name))
  await Promise.all(unwanted.map(({ name }) => reaper.deleteFromSight(name)))
  return unwanted.map(({ name }) => `removed ${name}`)
}
