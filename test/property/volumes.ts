import { statSync } from 'node:fs'
import { type Container, containersOf, type Model } from './model.ts'

/** The number of the volume with a name; undefined when there is none. */
export function volumeNamed({ volumes }: Model, name: string): number | undefined {
  const found = Object.entries(volumes).find(([, volume]) => volume.name === name)
  return found && Number(found[0])
}

/** Who has a volume, running or not. */
export function usersOf(model: Model, volume: number): Container[] {
  return containersOf(model).filter(({ volumes }) => Object.values(volumes).includes(volume))
}

/** The volumes of these names, by where they are to be had; in `draft` those that were not there yet. */
export function volumesFor(draft: Model, asked: Readonly<Record<string, string>>): Record<string, number> {
  return Object.fromEntries(Object.entries(asked).map(([target, name]) => [target, volumeFor(draft, name)]))
}

function volumeFor(draft: Model, name: string): number {
  const known = name === '' ? undefined : volumeNamed(draft, name)
  if (known !== undefined) return known
  draft.volumes[draft.nextVolume] = name === '' ? { anonymous: true } : { anonymous: false, name }
  return draft.nextVolume++
}

/** Takes names and directories into the draft. @returns what contradicts it, one line each */
export function learnVolumes(draft: Model, volumes: readonly any[], containers: readonly any[]): string[] {
  for (const container of containersOf(draft)) {
    const { Mounts } = containers.find(({ Name }) => Name === `/${container.name}`)
    for (const [target, number] of Object.entries(container.volumes)) {
      const found = Mounts.find(({ Destination }: any) => Destination === target)
      draft.volumes[number]!.name ??= found?.Name
      const { name } = draft.volumes[number]!
      if (found?.Name !== name) return [`container ${container.name} has ${found?.Name} at ${target}, not ${name}`]
    }
  }
  const known = Object.values(draft.volumes)
  const names = volumes.map(({ Name }) => Name)
  // Whoever had them is gone again already.
  const strangers = names.filter((name) => volumeNamed(draft, name) === undefined)
  for (const volume of known) volume.name ??= strangers.pop()
  const wanted = known.map(({ name }) => name)
  if (names.toSorted().join(' ') !== wanted.toSorted().join(' ')) return [`volumes: ${names}, not ${wanted}`]
  return volumes.flatMap(({ Name, Mountpoint }) => {
    const volume = draft.volumes[volumeNamed(draft, Name)!]!
    const { ino } = statSync(Mountpoint)
    volume.inode ??= ino
    return volume.inode === ino ? [] : [`volume ${Name} has another directory`]
  })
}
