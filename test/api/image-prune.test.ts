import assert from 'node:assert/strict'
import { type Engine, engineTest } from '../support/engine-test.ts'

/** Makes a small image of its own. */
async function makeImage({ docker, host, daemon }: Engine, name: string, ...flags: string[]): Promise<string> {
  const file = `${daemon.root}/${name || 'nameless'}`
  await host.execOk('sh', [
    '-c',
    `mkdir ${file}.d; head -c 100000 /dev/urandom > ${file}.d/f; tar -C ${file}.d -cf ${file}.tar .`,
  ])
  return await docker.ok('import', ...flags, `${file}.tar`, ...(name ? [name] : []))
}

engineTest('image prune removes what has no tag; -a what no container uses; filters choose', async (engine) => {
  const { docker, wharf } = engine
  const nameless = await makeImage(engine, '')
  const [kept, gone] = [await makeImage(engine, 'kept', '-c', 'LABEL keep=yes'), await makeImage(engine, 'gone')]
  await docker.ok('create', 'busybox')
  const first = await docker.ok('image', 'prune', '-f')
  assert.match(
    first,
    new RegExp(
      `^Deleted Images:\ndeleted: ${nameless}\n(deleted: sha256:[0-9a-f]{64}\n)+\nTotal reclaimed space: 100kB$`,
    ),
  )
  assert.equal(await docker.ok('image', 'prune', '-f'), 'Total reclaimed space: 0B')
  assert.equal(await docker.ok('image', 'prune', '-af', '--filter', 'until=1h'), 'Total reclaimed space: 0B')
  assert.equal(await docker.ok('image', 'prune', '-af', '--filter', 'label=none'), 'Total reclaimed space: 0B')
  const second = await wharf.ok('image', 'prune', '-af', '--filter', 'label!=keep')
  assert.match(second, new RegExp(`^Deleted Images:\nuntagged: gone:latest\ndeleted: ${gone}\n`))
  assert.equal(await docker.ok('images', '-q', '--no-trunc', 'kept'), kept)
  assert.match(await docker.ok('image', 'prune', '-af'), /^untagged: kept:latest$/m)
  assert.equal(await docker.ok('images', '--format', '{{.Repository}}'), 'busybox')
  const twice = await docker.run(['image', 'prune', '-f', '--filter', 'until=1h', '--filter', 'until=2h'])
  assert.deepEqual([twice.code, /more than one until filter specified/.test(twice.stderr)], [1, true])
  const unknown = await docker.run(['image', 'prune', '-f', '--filter', 'what=1'])
  assert.deepEqual([unknown.code, /invalid filter 'what'/.test(unknown.stderr)], [1, true])
})

engineTest('images are filtered by name, age, label and place in the order of making', async (engine) => {
  const { docker, wharf } = engine
  await makeImage(engine, '')
  await makeImage(engine, 'team', '-c', 'LABEL a=b')
  await docker.ok('tag', 'team', 'team:2')
  const names = async (...filters: string[]) => {
    const words = ['images', '--format', '{{.Repository}}:{{.Tag}}', ...filters.flatMap((each) => ['-f', each])]
    const said = await docker.ok(...words)
    assert.equal(await wharf.ok(...words), said)
    return said
      .split('\n')
      .filter((line) => line !== '')
      .toSorted()
  }
  assert.deepEqual(await names('dangling=true'), ['<none>:<none>'])
  assert.deepEqual(await names('dangling=false'), ['busybox:latest', 'team:2', 'team:latest'])
  assert.deepEqual(await names('label=a=b'), ['team:2', 'team:latest'])
  assert.deepEqual(await names('reference=t*m:2'), ['team:2'])
  assert.deepEqual(await names('before=team'), ['<none>:<none>', 'busybox:latest'])
  assert.deepEqual(await names('since=busybox'), ['<none>:<none>', 'team:2', 'team:latest'])
  assert.deepEqual(await names('until=1h'), [])
})
