import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkLogAttributes, detailsText, logAttributes } from './log-attributes.ts'

const container = {
  id: '0123456789abcdef',
  name: 'web',
  imageId: 'sha256:fedcba',
  imageReference: 'busybox',
  config: { Labels: { tier: 'front', 'a.b': 'c d', other: '' }, Env: ['HOME=/a=b', 'PORT=1'] },
}

test('logAttributes() chooses labels and variables by name and pattern, and fills in the tag', () => {
  const cases: [Record<string, string>, string][] = [
    [{}, ' '],
    [{ labels: 'tier,missing', env: 'PORT' }, 'PORT=1,tier=front '],
    [{ 'labels-regex': '^a', 'env-regex': 'OM' }, 'HOME=%2Fa%3Db,a.b=c+d '],
    [{ labels: 'other', tag: '{{.Name}}/{{ .ID }}' }, 'other=,tag=web%2F0123456789ab '],
    [{ tag: '{{.ImageName}} {{.ImageID}} {{.DaemonName}}' }, 'tag=busybox+sha256%3Afedcb+docker '],
    [{ tag: 'plain' }, 'tag=plain '],
  ]
  for (const [options, text] of cases) assert.equal(detailsText(logAttributes(container, options)), text)
})

test('checkLogAttributes() refuses what is neither a pattern nor a field', () => {
  checkLogAttributes({ tag: 'x{{.FullID}}', 'env-regex': '^A' })
  assert.throws(() => checkLogAttributes({ 'labels-regex': '(' }), SyntaxError)
  for (const tag of ['{{.Nothing}}', '{{upper .Name}}', '{{}}']) {
    assert.throws(() => checkLogAttributes({ tag }), /^RangeError: template: log-tag: /, tag)
  }
})
