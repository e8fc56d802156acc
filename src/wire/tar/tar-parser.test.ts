import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempDisposableSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'
import { endOfArchive, renderEntry } from './render-entry.ts'
import { paddingOf, type TarEntry } from './tar-entry.ts'
import { TarParser } from './tar-parser.ts'

const plain: TarEntry = {
  name: Buffer.from('file'),
  type: '0',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtimeNs: 0n,
  linkName: Buffer.of(),
  deviceMajor: 0,
  deviceMinor: 0,
  xattrs: new Map(),
}

/** All entries of an archive with their contents, holes filled, however it is cut. */
function read(archive: Buffer, step = archive.length): { readonly entry: TarEntry; readonly content: Buffer }[] {
  const found: { entry: TarEntry; content: Buffer }[] = []
  const parser = new TarParser({
    entry: (entry) => void found.push({ entry, content: Buffer.alloc(entry.size) }),
    data: (chunk, offset) => void chunk.copy(found.at(-1)!.content, offset),
    entryEnd: () => {},
  })
  for (let at = 0; at < archive.length; at += step) parser.write(archive.subarray(at, at + step))
  parser.end()
  return found
}

const entries = fc.record({
  name: fc.uint8Array({ minLength: 1, maxLength: 150 }).map((bytes) => Buffer.from(bytes.map((byte) => byte || 1))),
  type: fc.constantFrom('0', '1', '2', '3', '4', '5', '6'),
  mode: fc.integer({ min: 0, max: 0o7777 }),
  uid: fc.integer({ min: 0, max: 0xfffffffe }),
  gid: fc.integer({ min: 0, max: 0xfffffffe }),
  size: fc.constant(0),
  mtimeNs: fc.bigInt({ min: -(2n ** 35n), max: 2n ** 35n }).map((seconds) => seconds * 1_000_000_000n),
  linkName: fc.uint8Array({ maxLength: 150 }).map((bytes) => Buffer.from(bytes.map((byte) => byte || 1))),
  deviceMajor: fc.integer({ min: 0, max: 4095 }),
  deviceMinor: fc.integer({ min: 0, max: 255 }),
  xattrs: fc
    .uint8Array({ maxLength: 20 })
    .map((value): ReadonlyMap<string, Buffer> => new Map([['user.x', Buffer.from(value)]])),
})

test('TarParser reads what renderEntry() writes, however the archive is cut', () => {
  const archives = fc.array(fc.tuple(entries, fc.uint8Array({ maxLength: 1200 })), { maxLength: 4 })
  fc.assert(
    fc.property(archives, fc.integer({ min: 1, max: 2000 }), (list, step) => {
      const wanted = list.map(([entry, bytes]) => {
        const content = Buffer.from(entry.type === '0' ? bytes : [])
        return { entry: { ...entry, size: content.length }, content }
      })
      const pieces = wanted.flatMap(({ entry, content }) => [
        renderEntry(entry),
        content,
        Buffer.alloc(paddingOf(content.length)),
      ])
      assert.deepEqual(read(Buffer.concat([...pieces, endOfArchive]), step), wanted)
    }),
  )
})

test('GNU tar reads what renderEntry() writes', () => {
  const name = Buffer.from(`ü/${'long'.repeat(40)}\n`)
  const entry = { ...plain, name, mode: 0o4755, uid: 3_000_000, size: 5, mtimeNs: 981_173_106_000_000_000n }
  const archive = Buffer.concat([renderEntry(entry), Buffer.from('hello'), Buffer.alloc(507), endOfArchive])
  const said = execFileSync('tar', ['-tv', '--numeric-owner', '--utc'], {
    input: archive,
    encoding: 'utf8',
    env: { LC_ALL: 'C' },
  })
  assert.match(said, /^-rwsr-xr-x 3000000\/0 +5 2001-02-03 04:05 \\303\\274\/(?:long){40}\\n\n$/)
})

test('TarParser reads sparse files of every form that GNU tar writes', () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'sparse-'))
  // More runs than one header, and one block of the map, hold.
  const make = 'for i in $(seq 60); do printf %04d $i | dd of=s bs=4 seek=$((i * 4096)) conv=notrunc status=none; done'
  execFileSync('sh', ['-ec', `${make}; truncate -s 2M s`], { cwd: dir.path })
  const pack = (...flags: string[]) => execFileSync('tar', ['-cS', ...flags, 's'], { cwd: dir.path })
  const whole = execFileSync('cat', ['s'], { cwd: dir.path, maxBuffer: 1 << 22 })
  const versions = ['0.0', '0.1', '1.0'].map((version) => ['--format=posix', `--sparse-version=${version}`])
  for (const flags of [['--format=gnu'], ...versions]) {
    const archive = pack(...flags)
    assert.ok(archive.length < 600_000, `${flags}: it is sparse`)
    for (const step of [archive.length, 777]) {
      const [found, ...more] = read(archive, step)
      assert.deepEqual([found!.entry.name.toString(), found!.entry.size, more.length], ['s', 2 << 20, 0])
      assert.ok(found!.content.equals(whole), String(flags))
    }
  }
})

test('TarParser refuses sparse maps that do not fit their file', () => {
  const bad = [
    [
      ['GNU.sparse.map', '0,5,3,5'],
      ['GNU.sparse.size', '20'],
    ],
    [
      ['GNU.sparse.map', '0,5,10,5'],
      ['GNU.sparse.size', '12'],
    ],
    [
      ['GNU.sparse.map', '0,5'],
      ['GNU.sparse.size', '20'],
    ],
    [
      ['GNU.sparse.map', '0,5,9'],
      ['GNU.sparse.size', '20'],
    ],
  ] as const
  for (const records of bad) {
    const lines = records.map(([key, value]) => `${`xx ${key}=${value}\n`.length} ${key}=${value}\n`)
    const content = Buffer.from(lines.join(''))
    const about = renderEntry({ ...plain, type: 'x', size: content.length })
    const pax = Buffer.concat([about, content, Buffer.alloc(paddingOf(content.length))])
    const file = Buffer.concat([renderEntry({ ...plain, size: 10 }), Buffer.alloc(512, 'x'), endOfArchive])
    assert.throws(() => read(Buffer.concat([pax, file])), /^RangeError: archive\/tar: invalid tar header$/)
  }
})
