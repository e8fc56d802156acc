import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCliWith } from '../../test/support/cli.ts'
import { openFakeDaemon } from '../../test/support/fake-daemon.ts'

// What the docker CLI 28 printed, and what a Docker Engine answered it, at the same moment.
const fixtures = join(import.meta.dirname, '../../test/fixtures/cli')
const { nowMs, answers } = JSON.parse(readFileSync(join(fixtures, 'answers.json'), 'utf8'))
const transcript = readFileSync(join(fixtures, 'docker-28.txt'), 'utf8')

const json = Object.fromEntries(Object.entries(answers).map(([path, answer]) => [`GET ${path}`, answer]))

for (const block of transcript.split(/^\$ /m).slice(1)) {
  const [line = '', ...output] = block.split('\n')
  test(`wharf ${line} prints what docker prints`, async () => {
    await using daemon = await openFakeDaemon({ json })
    const { code, stdout, stderr } = await runCliWith(words(line), { host: daemon.host, nowMs })
    assert.equal(stdout, output.join('\n'))
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  })
}

/** Words of a shell's line; those with blanks or signs are in single quotes. */
function words(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '')
}
