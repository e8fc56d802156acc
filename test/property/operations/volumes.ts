import assert from 'node:assert/strict'
import fc from 'fast-check'
import { changed } from '../model.ts'
import { type Operation, reasons } from '../operation.ts'
import { usersOf, volumeNamed, volumesFor } from '../volumes.ts'
import { volumeNames } from './names.ts'

const anyVolume: fc.Arbitrary<string> = fc.constantFrom(...volumeNames)

/** `volume create`: also of one that is there, which stays as it is. */
export const createVolume: fc.Arbitrary<Operation> = anyVolume.map((name) => ({
  text: `volume create ${name}`,
  pairs: true,
  request: { method: 'POST', path: '/volumes/create', body: { Name: name } },
  predict: (model) => ({
    refusals: [],
    status: 201,
    next: changed(model, (draft) => {
      volumesFor(draft, { '/': name })
    }),
    sees: (body) => assert.equal(body.Name, name),
  }),
}))

/** `volume rm`. */
export const removeVolume: fc.Arbitrary<Operation> = fc.tuple(anyVolume, fc.boolean()).map(([name, force]) => ({
  text: `volume rm ${force ? '-f ' : ''}${name}`,
  pairs: true,
  request: { method: 'DELETE', path: `/volumes/${name}?force=${force}` },
  predict: (model) => {
    const volume = volumeNamed(model, name)
    const users = volume === undefined ? [] : usersOf(model, volume)
    const list = users.map(({ id }) => `(?=.*${id ?? ''})`).join('')
    return {
      refusals: reasons(
        [volume === undefined && !force, 404, `get ${name}: no such volume`],
        [users.length > 0, 409, new RegExp(`^remove ${name}: volume is in use - ${list}\\[[0-9a-f, ]+\\]$`)],
      ),
      status: 204,
      next: changed(model, ({ volumes }) => {
        if (volume !== undefined) delete volumes[volume]
      }),
    }
  },
}))

/** `volume prune`: those that nobody has; those with a name only when all are meant. */
export const pruneVolumes: fc.Arbitrary<Operation> = fc.boolean().map((all) => ({
  text: `volume prune${all ? ' -a' : ''}`,
  pairs: false,
  request: {
    method: 'POST',
    path: `/volumes/prune?filters=${encodeURIComponent(JSON.stringify(all ? { all: ['true'] } : {}))}`,
  },
  predict: (model) => {
    const unused = Object.keys(model.volumes)
      .map(Number)
      .filter((one) => (all || model.volumes[one]!.anonymous) && usersOf(model, one).length === 0)
    const without = (numbers: readonly number[]) =>
      changed(model, ({ volumes }) => {
        for (const number of numbers) delete volumes[number]
      })
    const names = unused.map((number) => model.volumes[number]!.name)
    return {
      refusals: [],
      status: 200,
      next: without(unused),
      halfway: unused.map((_, count) => without(unused.slice(0, count + 1))),
      sees: (body) => assert.deepEqual(body.VolumesDeleted.toSorted(), names.toSorted()),
    }
  },
}))
