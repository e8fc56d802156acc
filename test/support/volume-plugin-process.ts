/** Volumes as a plugin: `node volume-plugin-process.ts SOCKET DIRECTORY`. Its volumes are directories that outlive it. */
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { recall, remember, servePlugin } from './plugin-server.ts'

interface Kept {
  /** Options, and who has it mounted, by name. */
  volumes: Record<string, { options: object; users: string[] }>
}

type Body = Readonly<Record<string, string>> & { readonly Opts?: object }

const [, directory = ''] = process.argv.slice(2)
const kept = recall<Kept>('volumes.json', { volumes: {} })
const pathOf = (name: string) => join(directory, 'files', name)

/** Refuses what it does not have. */
function about(name: string, act: (volume: Kept['volumes'][string]) => object): object {
  const volume = kept.volumes[name]
  return volume === undefined ? { Err: `no volume ${name}` } : act(volume)
}

servePlugin(
  {
    'Plugin.Activate': () => ({ Implements: ['VolumeDriver'] }),
    'VolumeDriver.Capabilities': () => ({ Capabilities: { Scope: 'global' } }),
    'VolumeDriver.Create': ({ Name = '', Opts = {} }: Body) => {
      if (Name.startsWith('bad')) return { Err: `does not like ${Name}` }
      kept.volumes[Name] ??= { options: Opts, users: [] }
      mkdirSync(pathOf(Name), { recursive: true })
      return {}
    },
    'VolumeDriver.Remove': ({ Name = '' }: Body) =>
      about(Name, () => {
        delete kept.volumes[Name]
        if (existsSync(pathOf(Name))) rmSync(pathOf(Name), { recursive: true })
        return {}
      }),
    'VolumeDriver.Path': ({ Name = '' }: Body) => about(Name, () => ({ Mountpoint: pathOf(Name) })),
    'VolumeDriver.Get': ({ Name = '' }: Body) =>
      about(Name, ({ options }) => ({ Volume: { Name, Mountpoint: pathOf(Name), Status: { options } } })),
    'VolumeDriver.Mount': ({ Name = '', ID = '' }: Body) =>
      about(Name, ({ users }) => {
        users.push(ID)
        return { Mountpoint: pathOf(Name) }
      }),
    'VolumeDriver.Unmount': ({ Name = '', ID = '' }: Body) =>
      about(Name, (volume) => {
        volume.users = volume.users.filter((user) => user !== ID)
        return {}
      }),
  },
  () => remember('volumes.json', kept),
)
