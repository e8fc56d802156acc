import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { engineDependencies, productionModules } from './build-deb.ts'

test('engineDependencies() finds the list that setup.sh installs an engine by', () => {
  const setup = readFileSync(join(import.meta.dirname, 'setup.sh'), 'utf8')
  const found = engineDependencies(setup)
  for (const name of ['libatomic1', 'crun', 'conmon', 'skopeo', 'ca-certificates'])
    assert.ok(found.includes(name), name)
  assert.ok(!found.includes('busybox-static'))
  assert.throws(() => engineDependencies('client) ;;'), /no list/)
})

test('productionModules() leaves out what is for tests, and what is for other machines', () => {
  const packages = {
    '': {},
    'node_modules/fastify': {},
    'node_modules/typescript': { dev: true },
    'node_modules/of-another-machine': { optional: true },
  }
  assert.deepEqual(productionModules({ packages }), ['node_modules/fastify'])
})
