import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDockerfile } from './parse.ts'

test('parseDockerfile() joins lines, drops comments, and knows where each instruction begins', () => {
  const { escapeWith, instructions } = parseDockerfile(
    '\uFEFF# comment\n\nfrom a\r\nRUN x \\\n\n  # inside\n  y \\  \n  z\nCOPY --from=b --chown=1:2 c d\nCMD',
  )
  assert.equal(escapeWith, '\\')
  assert.deepEqual(instructions, [
    { keyword: 'FROM', flags: [], words: 'a', original: 'from a', line: 3 },
    { keyword: 'RUN', flags: [], words: 'x   y   z', original: 'RUN x   y   z', line: 4 },
    {
      ...{ keyword: 'COPY', flags: ['--from=b', '--chown=1:2'], words: 'c d' },
      ...{ original: 'COPY --from=b --chown=1:2 c d', line: 9 },
    },
    { keyword: 'CMD', flags: [], words: '', original: 'CMD', line: 10 },
  ])
})

test('parseDockerfile() takes another escape character from a directive before everything else', () => {
  const text = '# syntax=x\n# escape=`\nFROM a\nRUN b `\nc\\\n'
  const { escapeWith, instructions } = parseDockerfile(text)
  assert.deepEqual([escapeWith, instructions.map(({ original }) => original)], ['`', ['FROM a', 'RUN b c\\']])
  assert.equal(parseDockerfile('# x\n# escape=`\nFROM a').escapeWith, '\\')
  assert.throws(() => parseDockerfile('# escape=x\nFROM a'), {
    kind: 'invalid-argument',
    message: /invalid escape token 'x'/,
  })
  assert.throws(() => parseDockerfile('# only\n\n'), { message: 'file with no instructions' })
})
