import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

/** Prints which parts of Node are loaded with the program of the daemon and of the resolver. */
const program = `
  await import(${JSON.stringify(import.meta.resolve('./daemon.ts'))})
  await import(${JSON.stringify(import.meta.resolve('../resolver/run.ts'))})
  console.log(process.moduleLoadList.join('\\n'))`

test('no engine loads the web stack that an import of node:http would bring', () => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' })
  const loaded = stdout.split('\n')
  assert.ok(loaded.includes('NativeModule http'), stderr)
  assert.deepEqual(
    loaded.filter((name) => /undici|stream\/web|webstreams/.test(name)),
    [],
    'take node:http by process.getBuiltinModule(): decision 0020',
  )
})
