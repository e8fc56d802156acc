import { execFileSync } from 'node:child_process'

/** Archives that no tar would make, by Python's tarfile: each is a list of calls on `tar`. */
const prelude = `
import io, sys, tarfile
tar = tarfile.open(fileobj=sys.stdout.buffer, mode='w|', format=tarfile.PAX_FORMAT)
def add(name, content=None, type=None, link='', **more):
    info = tarfile.TarInfo(name)
    info.type = type or tarfile.REGTYPE
    info.linkname = link
    for key, value in more.items(): setattr(info, key, value)
    info.size = len(content or '')
    tar.addfile(info, io.BytesIO((content or '').encode()))
def directory(name): add(name, type=tarfile.DIRTYPE, mode=0o755)
def symlink(name, link): add(name, type=tarfile.SYMTYPE, link=link)
def hardlink(name, link): add(name, type=tarfile.LNKTYPE, link=link)
`

/** The bytes of an archive. @param calls  `add('name', 'content')`, `directory`, `symlink`, `hardlink`, Python */
export function hostileTar(calls: string): Buffer {
  return execFileSync('python3', ['-c', `${prelude}${calls}\ntar.close()`])
}
