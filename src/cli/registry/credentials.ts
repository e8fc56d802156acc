import type { AuthConfig } from '../../protocol/registry.ts'
import {
  type ClientConfig,
  configPath,
  type Environment,
  readConfig,
  type StoredAuth,
  writeConfig,
} from './config-file.ts'
import { callHelper } from './helper.ts'

const dockerHub = 'https://index.docker.io/v1/'

/** The name under which a registry's credentials are kept. @param address  `""`, `"docker.io"`, `"https://registry.test/v2/"` */
export function serverName(address: string): string {
  const host = hostOf(address)
  return ['', 'docker.io', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? dockerHub : host
}

/** Who the user is to a registry; `undefined` for nobody in particular. */
export async function findCredentials(address: string, env: Environment): Promise<AuthConfig | undefined> {
  const server = serverName(address)
  const config = readConfig(configPath(env))
  const helper = helperOf(config, server)
  if (helper !== undefined) return await askHelper(helper, server)
  const entry = config.auths?.[server] ?? oldEntry(config, server)
  if (entry?.auth === undefined && entry?.identitytoken === undefined) return undefined
  const [username = '', ...password] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':')
  const { identitytoken } = entry
  return {
    username,
    password: password.join(':').replace(/\0+$/, ''),
    serveraddress: server,
    ...(identitytoken && { identitytoken }),
  }
}

/** The same as the header that the daemon reads. */
export async function credentialsHeader(address: string, env: Environment): Promise<string | undefined> {
  const found = await findCredentials(address, env)
  return found && Buffer.from(JSON.stringify(found)).toString('base64url')
}

/** Who the user is to every registry that is known, by its name. */
export async function allCredentials(env: Environment): Promise<Readonly<Record<string, AuthConfig>>> {
  const { auths = {}, credHelpers = {} } = readConfig(configPath(env))
  const servers = new Set([...Object.keys(auths), ...Object.keys(credHelpers)].map(serverName))
  const found: Record<string, AuthConfig> = {}
  for (const server of servers) {
    const auth = await findCredentials(server, env)
    if (auth !== undefined) found[server] = auth
  }
  return found
}

/** Keeps credentials. @returns the file where they lie for everyone to read who may read it; `undefined` for a helper's keeping */
export async function storeCredentials(auth: AuthConfig, env: Environment): Promise<string | undefined> {
  const path = configPath(env)
  const config = readConfig(path)
  const { username = '', password = '', identitytoken } = auth
  const server = serverName(auth.serveraddress ?? '')
  const helper = helperOf(config, server)
  if (helper !== undefined) {
    const [Username, Secret] = identitytoken ? ['<token>', identitytoken] : [username, password]
    await callHelper(helper, 'store', JSON.stringify({ ServerURL: server, Username, Secret }))
    return undefined
  }
  const entry: StoredAuth = {
    auth: Buffer.from(`${username}:${identitytoken ? '' : password}`).toString('base64'),
    ...(identitytoken && { identitytoken }),
  }
  writeConfig(path, { ...config, auths: { ...config.auths, [server]: entry } })
  return path
}

/** Forgets credentials; none is success. */
export async function eraseCredentials(address: string, env: Environment): Promise<void> {
  const path = configPath(env)
  const config = readConfig(path)
  const server = serverName(address)
  const helper = helperOf(config, server)
  if (helper !== undefined) {
    if (await askHelper(helper, server)) await callHelper(helper, 'erase', server)
    return
  }
  if (config.auths?.[server] === undefined) return
  const { [server]: _, ...auths } = config.auths
  writeConfig(path, { ...config, auths })
}

async function askHelper(helper: string, server: string): Promise<AuthConfig | undefined> {
  const answer = await callHelper(helper, 'get', server)
  if (answer === undefined) return undefined
  const { Username, Secret } = JSON.parse(answer) as { readonly Username: string; readonly Secret: string }
  if (Username === '<token>') return { identitytoken: Secret, serveraddress: server }
  return { username: Username, password: Secret, serveraddress: server }
}

function helperOf({ credHelpers, credsStore }: ClientConfig, server: string): string | undefined {
  return credHelpers?.[server] ?? credHelpers?.[hostOf(server)] ?? (credsStore || undefined)
}

/** Clients of long ago wrote whole addresses: `https://registry.test/v1/`. */
function oldEntry({ auths = {} }: ClientConfig, server: string): StoredAuth | undefined {
  return Object.entries(auths).find(([address]) => hostOf(address) === hostOf(server))?.[1]
}

function hostOf(address: string): string {
  return address.replace(/^https?:\/\//, '').replace(/\/.*$/, '')
}
