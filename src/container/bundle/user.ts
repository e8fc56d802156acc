import { EngineError } from '../../base/errors.ts'
import type { OciUser } from './oci.ts'

const highestId = 2_147_483_647

/** The texts of a root file system's `/etc/passwd` and `/etc/group`; empty where it has none. */
export interface Accounts {
  readonly passwd: string
  readonly group: string
}

interface PasswdEntry {
  readonly name: string
  readonly uid: number
  readonly gid: number
}

interface GroupEntry {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/**
 * Finds the numbers of `"user"`, `"user:group"`, `"uid"`, `"uid:gid"` in a root file system's accounts.
 *
 * A number need not be listed. Without a group, the user's own counts, and every group that lists the user is added.
 *
 * @param user        `""` is root
 * @param groupsToAdd names or numbers of further groups
 * @throws {EngineError} `internal` `unable to find user x: no matching entries in passwd file`
 * @source Docker Engine API v1.51, ContainerConfig.User; passwd(5), group(5)
 */
export function resolveUser(user: string, { passwd, group }: Accounts, groupsToAdd: readonly string[] = []): OciUser {
  const [userPart = '', groupPart = ''] = user.split(':', 2)
  const users = parsePasswd(passwd)
  const groups = parseGroup(group)
  const entry = findUser(userPart === '' ? '0' : userPart, users)
  const gid = groupPart === '' ? entry.gid : findGroup(groupPart, groups)
  const listed = groupPart === '' ? groups.filter(({ members }) => members.includes(entry.name)) : []
  const added = groupsToAdd.map((name) => findGroup(name, groups))
  // The group itself is one of them: without it, leaving a group would give rights where that group has fewer.
  return { uid: entry.uid, gid, additionalGids: [...new Set([gid, ...listed.map(({ gid: id }) => id), ...added])] }
}

function findUser(wanted: string, users: readonly PasswdEntry[]): PasswdEntry {
  const number = parseId(wanted)
  const found = users.find(({ name, uid }) => name === wanted || uid === number)
  if (found !== undefined) return found
  if (number !== undefined) return { name: '', uid: number, gid: 0 }
  throw new EngineError('internal', `unable to find user ${wanted}: no matching entries in passwd file`)
}

function findGroup(wanted: string, groups: readonly GroupEntry[]): number {
  const number = parseId(wanted)
  const found = groups.find(({ name }) => name === wanted)?.gid ?? number
  if (found !== undefined) return found
  throw new EngineError('internal', `unable to find group ${wanted}: no matching entries in group file`)
}

function parseId(text: string): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  const id = Number(text)
  if (id >= 0 && id <= highestId) return id
  throw new EngineError('internal', `uids and gids must be in range 0-${highestId}`)
}

function parsePasswd(text: string): PasswdEntry[] {
  return linesOf(text).map(([name = '', , uid, gid]) => ({
    name,
    uid: Number(uid),
    gid: Number(gid),
  }))
}

function parseGroup(text: string): GroupEntry[] {
  return linesOf(text).map(([name = '', , gid, members = '']) => ({
    name,
    gid: Number(gid),
    members: members.split(',').filter(Boolean),
  }))
}

/** Lines whose third field is a number; everything else in these files is none of ours. */
function linesOf(text: string): string[][] {
  return text
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter((fields) => fields[0] !== '' && /^\d+$/.test(fields[2] ?? ''))
}
