import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'

/**
 * `npm run deb [-- --out DIRECTORY] [--compression gzip|xz|none]`: builds the Debian package.
 *
 * It holds the program as it is (nothing is compiled), the npm packages that it runs with, and the Node that builds it.
 */
const top = join(import.meta.dirname, '..')
const packaging = join(top, 'packaging')
const { name, version, description } = readJson('package.json')
const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** What npm packages bring besides their program; packages within packages have lines of their own. */
const neverRun = /^\/(node_modules|tests?|benchmarks?|examples?|docs|\.github)$/

interface LockedPackage {
  readonly dev?: boolean
  readonly optional?: boolean
}

/** The Debian packages that setup.sh installs for an engine: the one list that there is. */
export function engineDependencies(setup: string): string[] {
  return ['client', 'engine'].flatMap((purpose) => {
    const [, list] = new RegExp(`^  ${purpose}\\).* cat <<'LIST' ;;\\n([^]*?)^LIST$`, 'm').exec(setup) ?? []
    if (list === undefined) throw new Error(`tools/setup.sh has no list of packages for ${purpose}`)
    return [...list.matchAll(/^(\S+)/gm)].map(([word]) => word)
  })
}

/** The folders of npm packages that the program runs with, of those that are installed for this machine. */
export function productionModules(lock: { readonly packages: Readonly<Record<string, LockedPackage>> }): string[] {
  return Object.entries(lock.packages)
    .filter(([path, { dev, optional }]) => path !== '' && !dev && (!optional || existsSync(join(top, path))))
    .map(([path]) => path)
}

function build(out: string, compression: string): string {
  const architecture = architectures[process.arch]
  if (architecture === undefined) throw new Error(`there is no Debian package for ${process.arch}`)
  const stage = mkdtempSync(join(tmpdir(), 'wharf-deb-'))
  try {
    chmodSync(stage, 0o755)
    stageProgram(join(stage, 'usr/lib/wharf'))
    stageFiles(stage)
    stageControl(stage, architecture)
    mkdirSync(out, { recursive: true })
    const file = resolve(out, `${name}_${version}_${architecture}.deb`)
    execFileSync('dpkg-deb', ['--root-owner-group', `-Z${compression}`, '--build', stage, file], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    return file
  } finally {
    rmSync(stage, { recursive: true })
  }
}

function stageProgram(lib: string): void {
  cpSync(join(top, 'src'), join(lib, 'src'), { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
  for (const path of productionModules(readJson('package-lock.json'))) {
    const from = join(top, path)
    const runs = (file: string) => !neverRun.test(file.slice(from.length))
    cpSync(from, join(lib, path), { recursive: true, filter: runs })
  }
  copyFileSync(join(top, 'package.json'), join(lib, 'package.json'))
  put(process.execPath, join(lib, 'bin/node'), 0o755)
}

function stageFiles(stage: string): void {
  put(join(packaging, 'wharf'), join(stage, 'usr/bin/wharf'), 0o755)
  put(join(packaging, 'wharf-cni'), join(stage, 'usr/lib/cni/wharf-cni'), 0o755)
  for (const unit of ['wharf.service', 'wharf.socket'])
    put(join(packaging, unit), join(stage, 'lib/systemd/system', unit))
  mkdirSync(join(stage, 'var/cache/wharf'), { recursive: true })
  const doc = join(stage, 'usr/share/doc/wharf')
  put(join(top, 'LICENSE'), join(doc, 'copyright'))
  for (const file of ['README.md', 'CHANGELOG.md', 'SECURITY.md']) put(join(top, file), join(doc, file))
  for (const folder of ['guide', 'reference']) cpSync(join(top, 'docs', folder), join(doc, folder), { recursive: true })
  const completion = execFileSync(process.execPath, ['--', join(top, 'src/main.ts'), 'completion', 'bash'])
  putText(completion, join(stage, 'usr/share/bash-completion/completions/wharf'))
}

function stageControl(stage: string, architecture: string): void {
  const depends = engineDependencies(readFileSync(join(top, 'tools/setup.sh'), 'utf8'))
  const kilobytes = execFileSync('du', ['-sk', stage], { encoding: 'utf8' }).split('\t')[0]
  const fields = [
    ['Package', name],
    ['Version', version],
    ['Architecture', architecture],
    ['Maintainer', 'Wharf'],
    ['Section', 'admin'],
    ['Priority', 'optional'],
    ['Installed-Size', kilobytes],
    ['Depends', ['libc6 (>= 2.28)', 'libstdc++6', ...depends].join(', ')],
    // Needed for builds alone.
    ['Recommends', 'buildah'],
    ['Description', description],
  ]
  putText(`${fields.map(([key, value]) => `${key}: ${value}`).join('\n')}\n`, join(stage, 'DEBIAN/control'))
  for (const script of ['postinst', 'prerm']) put(join(packaging, script), join(stage, 'DEBIAN', script), 0o755)
}

function put(from: string, to: string, mode = 0o644): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
  chmodSync(to, mode)
}

function putText(text: string | Buffer, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  writeFileSync(to, text, { mode: 0o644 })
}

function readJson(file: string) {
  return JSON.parse(readFileSync(join(top, file), 'utf8'))
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: { out: { type: 'string', default: 'dist' }, compression: { type: 'string', default: 'gzip' } },
  })
  process.umask(0o022)
  process.stdout.write(`${build(values.out, values.compression)}\n`)
}
