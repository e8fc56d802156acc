/** One entry of a tar archive, as no decent tool would write it. */
export interface TarEntry {
  readonly name: string
  /** `0` file, `1` hard link, `2` symbolic link, `3` character device, `5` directory. */
  readonly type?: string
  readonly link?: string
  readonly content?: string
  /** What the header says, whatever comes. */
  readonly size?: number
}

/** Writes a tar archive exactly as it is asked for: climbing names, links that lead out, sizes that are lies. */
export function tarOf(...entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(entryBytes), Buffer.alloc(1024)])
}

function entryBytes({ name, type = '0', link = '', content = '', size = content.length }: TarEntry): Buffer {
  const header = Buffer.alloc(512)
  const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`
  header.write(name, 0)
  header.write(octal(0o644, 8), 100)
  header.write(octal(0, 8) + octal(0, 8), 108)
  header.write(octal(size, 12) + octal(0, 12), 124)
  header.write('        ', 148)
  header.write(type + link, 156)
  header.write('ustar\0' + '00', 257)
  header.write(octal(1, 8) + octal(3, 8), 329)
  header.write(
    `${octal(
      header.reduce((sum, byte) => sum + byte, 0),
      7,
    )} `,
    148,
  )
  const body = Buffer.from(content)
  return Buffer.concat([header, body, Buffer.alloc((512 - (body.length % 512)) % 512)])
}
