import assert from 'node:assert/strict'
import { test } from 'node:test'
import { featureProblems, parseFeatures, testTitles } from './check-features.ts'

test('parseFeatures() reads the rows, and neither heads nor rules', () => {
  const text =
    '# x\n\n| feature | state | test |\n|---|---|---|\n| `a\\|b` | yes | a.ts › one<br>b.ts › two |\n| c | missing | |\n'
  assert.deepEqual(parseFeatures(text), [
    { line: 5, feature: '`a|b`', state: 'yes', tests: ['a.ts › one', 'b.ts › two'] },
    { line: 6, feature: 'c', state: 'missing', tests: [] },
  ])
})

test('testTitles() knows every way in which a test is named', () => {
  const source = `test('a', f)\nengineTest(\n  'it\\'s', f)\nkernelTest(\`n \${age} of \${x}\`, f)\nawait t.test("q", f)\nconst title = \`z\``
  const matching = (title: string) => testTitles(source).filter((pattern) => pattern.test(title)).length
  assert.deepEqual(['a', "it's", 'n 3 of 4', 'q', 'z', 'b'].map(matching), [1, 1, 1, 1, 1, 0])
})

test('featureProblems() finds rows whose test is gone', () => {
  const row = (state: string, ...tests: string[]) => ({ line: 1, feature: 'f', state, tests })
  const read = (file: string) => (file === 'a.ts' ? "test('one', f)" : undefined)
  const problemsOf = (...rows: ReturnType<typeof row>[]) =>
    featureProblems(rows, read).map((line) => line.replace('docs/features.md:1: f: ', ''))
  assert.deepEqual(problemsOf(row('yes', 'a.ts › one'), row('missing'), row('not yet (issue 5)')), [])
  assert.deepEqual(
    problemsOf(row('yes'), row('differs: more', 'a.ts › two'), row('soon'), row('yes', 'b.ts › one', 'x')),
    [
      'no test shows it: then it is missing',
      'a.ts has no test "two"',
      '"soon" is no state',
      'there is no file b.ts',
      '"x" is not of the form file › title',
    ],
  )
})
