import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ErrorOutput } from './error-output.ts'
import { buildFailure } from './failure.ts'
import { StepOutput } from './step-output.ts'

const id = (digit: string) => digit.repeat(64)
const rendered = {
  text: '',
  globals: ['ARG V'],
  stages: [
    [{ original: 'FROM a AS b', baseId: id('a') }, { original: 'RUN one' }],
    [{ original: 'FROM b', baseStage: 0 }, { original: 'RUN two' }],
  ],
}
const open = () => new StepOutput(rendered, (digits) => `${digits}9`)
const said = [
  '[1/2] STEP 1/2: FROM aaa AS b\n[1/2] STEP 2/3: RUN trigger\nt\n--> 11111111111\n',
  '[1/2] STEP 3/3: RUN one\n--> Using cache ',
  `${id('2')}\n--> 22222222222\n[2/2] STEP 1/2: FROM 222\n[2/2] STEP 2/2: RUN two\nno end--> 33333333333\n`,
  `[2/2] COMMIT\n[Warning] one or more build args were not consumed: [X]\n${id('3')}\n`,
].join('')
const told = [
  'Step 1/5 : ARG V\nStep 2/5 : FROM a AS b\n ---> aaaaaaaaaaaa\n# Executing build trigger: RUN trigger\nt\n',
  ' ---> 111111111119\nStep 3/5 : RUN one\n ---> Using cache\n ---> 222222222229\n',
  'Step 4/5 : FROM b\n ---> 222222222229\nStep 5/5 : RUN two\nno end ---> 333333333339\n',
  '[Warning] One or more build-args [X] were not consumed\n',
].join('')

test('StepOutput says what Docker says, however the bytes are cut', () => {
  for (const size of [1, 2, 7, 4096]) {
    const output = open()
    let text = ''
    for (let at = 0; at < said.length; at += size) text += output.write(said.slice(at, at + size)).join('')
    assert.equal(text + output.end().join(''), told)
    assert.deepEqual([output.imageId, output.current, output.at], [id('3'), 'RUN two', [1, 0]])
  }
})

test('StepOutput passes on what commands print, also what looks like its own', () => {
  const output = open()
  const begun = output.write('[1/2] STEP 1/2: FROM a AS b\n[1/2] STEP 2/2: RUN one\n').join('')
  const lines = `[2/2] STEP 2/2: RUN two\nSTEP 9/9: x\n${id('4')}\n--> x\nCOMMIT x\n`
  assert.equal(output.write(lines).join(''), lines)
  assert.match(begun, /RUN one\n$/)
  assert.deepEqual(output.write('50%').join('') + output.write('\r60%').join(''), '50%\r60%')
})

test('ErrorOutput marks stderr of commands, and keeps the last words of buildah', () => {
  const output = new ErrorOutput()
  const shown = [...output.write('one\nErr'), ...output.write('or: mine\nError: building at STEP "RUN f": while run')]
  shown.push(...output.write('ning runtime: exit status 4\n'))
  const { told: rest, words, fault } = output.end()
  assert.deepEqual([...shown, ...rest], ['\x1b[91mone\n\x1b[0m', '\x1b[91mError: mine\n\x1b[0m'])
  assert.deepEqual([words, fault], ['Error: building at STEP "RUN f": while running runtime: exit status 4', undefined])
})

test('buildFailure() tells in the words of Docker', () => {
  const runtime = 'Error: building at STEP "RUN x \\"y\\"": while running runtime: exit status 4'
  const rows: [string, string | undefined, string, string][] = [
    [runtime, undefined, 'RUN x "y"', `The command 'sh -c x "y"' returned a non-zero code: 4`],
    [runtime, undefined, 'RUN ["a", "b c"]', "The command 'a b c' returned a non-zero code: 4"],
    [runtime, 'no such file', 'RUN ["a"]', 'failed to create task for container: no such file'],
    [
      'Error: building at STEP "COPY a b": no items matching glob "/c/a" copied',
      undefined,
      'COPY a b',
      'COPY failed: no source files were specified',
    ],
    ['Error: x: no space left on device', undefined, 'ADD a b', 'Cannot build: no space left on device'],
    ['Error: creating build container: y', undefined, 'FROM a', 'creating build container: y'],
    ['', undefined, '', 'Cannot build: buildah ended without a word'],
  ]
  for (const [words, fault, step, message] of rows) {
    assert.equal(buildFailure({ words, fault }, step, ['sh', '-c']).message, message)
  }
})
