import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { RootedFiles } from '../../kernel/files/rooted-files.ts'
import { findCommandProblem } from './executables.ts'

test('findCommandProblem() says what Docker says', () => {
  using dir = mkdtempDisposableSync(join(tmpdir(), 'wharf-exec-'))
  for (const path of ['bin', 'work']) mkdirSync(join(dir.path, path))
  for (const path of ['bin/tool', 'work/own', 'bin/data']) writeFileSync(join(dir.path, path), '')
  for (const path of ['bin/tool', 'work/own']) chmodSync(join(dir.path, path), 0o755)
  symlinkSync('/bin/tool', join(dir.path, 'bin/link'))
  symlinkSync('/usr', join(dir.path, 'outside'))
  using root = new RootedFiles(dir.path)
  const cases = [
    ['tool', '/', undefined],
    ['link', '/', undefined],
    ['/bin/tool', '/', undefined],
    ['./own', '/work', undefined],
    ['nosuch', '/', { reason: 'exec: "nosuch": executable file not found in $PATH', exitCode: 127 }],
    ['own', '/work', { reason: 'exec: "own": executable file not found in $PATH', exitCode: 127 }],
    ['/nosuch', '/', { reason: 'exec: "/nosuch": stat /nosuch: no such file or directory', exitCode: 127 }],
    [
      '/outside/bin/env',
      '/',
      { reason: 'exec: "/outside/bin/env": stat /outside/bin/env: no such file or directory', exitCode: 127 },
    ],
    ['/bin', '/', { reason: 'exec: "/bin": is a directory', exitCode: 126 }],
    ['data', '/', { reason: 'exec: "data": permission denied', exitCode: 126 }],
    [
      'tool',
      '/nowhere',
      { reason: 'chdir to cwd ("/nowhere") set in config.json failed: no such file or directory', exitCode: 127 },
    ],
  ] as const
  for (const [command, cwd, expected] of cases) {
    assert.deepEqual(findCommandProblem(root, { command, cwd, path: '/sbin:/bin' }), expected, command)
  }
})
