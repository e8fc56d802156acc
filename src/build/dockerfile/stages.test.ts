import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDockerfile } from './parse.ts'
import { renderPlan } from './render.ts'
import { shellAt } from './shell.ts'
import { imageKey, imagesOf, type PlanOptions, planStages } from './stages.ts'

const usual: PlanOptions = { buildArgs: {}, target: '', platform: '', hostPlatform: 'linux/amd64' }
const plan = (text: string, options: Partial<PlanOptions> = {}) =>
  planStages(parseDockerfile(text), { ...usual, ...options })

test('planStages() finds what each stage stands on, and renderPlan() names images by id', () => {
  const text = [
    'ARG V=1 W="a b"',
    'FROM base:$V AS One',
    'RUN make',
    'FROM --platform=$BUILDPLATFORM tools',
    'COPY --from=one /a /b',
    'COPY --from=other:2 /a /b',
    'FROM one',
    'COPY --from=1 /a /b',
    'FROM scratch',
  ].join('\n')
  const found = plan(text, { buildArgs: { V: '3' }, target: '2' })
  assert.deepEqual(
    found.stages.map(({ name, base }) => [name, base]),
    [
      ['one', { kind: 'image', reference: 'base:3', platform: '' }],
      ['', { kind: 'image', reference: 'tools', platform: 'linux/amd64' }],
      ['', { kind: 'stage', index: 0 }],
    ],
  )
  const images = imagesOf(found)
  assert.deepEqual(
    images.map(({ reference }) => reference),
    ['base:3', 'tools', 'other:2'],
  )
  const ids = new Map(images.map((image, index) => [imageKey(image), String(index).repeat(64)]))
  const rendered = renderPlan(found, { b: 'q"$\\', a: '1' }, (key) => ids.get(key)!)
  assert.deepEqual(rendered.text.split('\n'), [
    '# escape=\\',
    'ARG V=1 W="a b"',
    `FROM ${'0'.repeat(64)} AS one`,
    'RUN make',
    `FROM ${'1'.repeat(64)}`,
    'COPY --from=one /a /b',
    `COPY --from=${'2'.repeat(64)} /a /b`,
    'FROM one',
    'COPY --from=1 /a /b',
    String.raw`LABEL "a"="1" "b"="q\"\$\\"`,
    '',
  ])
  assert.deepEqual(rendered.stages[2]![0], { original: 'FROM one', baseStage: 0 })
})

test('planStages() refuses what cannot be built, and says where', () => {
  const rows: [string, RegExp][] = [
    ['FROM a\nNOPE', /^dockerfile parse error on line 2: unknown instruction: NOPE$/],
    ['ENV a=b\nFROM a', /line 1: no build stage in current context/],
    ['ARG a', /no stages/],
    ['FROM $X', /line 1: base name \(\$X\) should not be blank/],
    ['FROM a AS 1x', /invalid name for build stage: "1x"/],
    ['FROM a as b c', /FROM requires either one or three arguments/],
    ['FROM a\nCOPY x', /COPY requires at least two arguments, but only one was provided/],
    ['FROM a\nRUN', /RUN requires at least one argument/],
    ['FROM a\nRUN --security=x y', /the --security option requires BuildKit/],
    ['FROM a\nCOPY --nope x y', /unknown flag: --nope/],
    ['FROM a\nONBUILD FROM b', /FROM isn't allowed as an ONBUILD trigger/],
    ['FROM a\nONBUILD ONBUILD RUN b', /Chaining ONBUILD/],
    ['FROM a\nSHELL sh', /SHELL requires the arguments to be in JSON form/],
    ['FROM a\nCOPY <<EOF /x', /here-documents require BuildKit/],
  ]
  for (const [text, message] of rows) assert.throws(() => plan(text), { kind: 'invalid-argument', message }, text)
  assert.throws(() => plan('FROM a', { target: 'b' }), { message: 'target stage "b" could not be found' })
  for (const text of ['RUN a <<<b', 'RUN echo $((1 << 3))', 'RUN ["<<EOF"]', 'CMD']) plan(`FROM a\n${text}`)
})

test('shellAt() knows the shell of a step, from its stage or from what that stands on', () => {
  const found = plan('FROM a AS b\nSHELL ["s", "-x"]\nRUN 1\nFROM b\nRUN 2\nFROM scratch\nRUN 3')
  const shells = [
    [0, 0],
    [0, 1],
    [1, 0],
    [2, 0],
  ].map(([stage, step]) => shellAt(found, stage!, step!, new Map()))
  const sh = ['/bin/sh', '-c']
  assert.deepEqual(shells, [sh, ['s', '-x'], ['s', '-x'], sh])
})
