import assert from 'node:assert/strict'

/** One family of numbers, as it stands in Prometheus' text. */
export interface ReadFamily {
  readonly help: string
  readonly type: string
  /** Values by name and labels, as they are written: `wharf_x_total{a="b"}`. */
  readonly series: Map<string, number>
}

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? ([^ ]+)$/
const labelPair = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/

/**
 * Reads Prometheus' text as strictly as its own tools do, and asserts what they check: each family has its head before
 * its numbers and once, no number is told twice, histograms add up, counters are named as such.
 *
 * @source Prometheus, "Exposition formats", "Text-based format"; promtool check metrics
 */
export function readMetrics(text: string): ReadonlyMap<string, ReadFamily> {
  assert.ok(text.endsWith('\n'), 'the last line has no end')
  const families = new Map<string, { help: string; type: string; series: Map<string, number> }>()
  let current = ''
  for (const line of text.split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? []
    if (word === 'HELP') {
      assert.ok(metricName.test(name) && rest !== '' && !families.has(name), line)
      families.set(name, { help: rest, type: '', series: new Map() })
      current = name
    } else if (word === 'TYPE') {
      const family = families.get(name)
      assert.ok(name === current && family?.type === '' && /^(counter|gauge|histogram)$/.test(rest), line)
      family.type = rest
    } else if (line !== '') readSample(line, current, families.get(current)!)
  }
  for (const [name, family] of families) check(name, family)
  return families
}

function readSample(line: string, current: string, { type, series }: ReadFamily): void {
  const [, name = '', labels = '', value = ''] = sampleLine.exec(line) ?? assert.fail(`no sample: ${line}`)
  const suffix = name.startsWith(current) ? name.slice(current.length) : 'of another family'
  assert.ok(type === 'histogram' ? /^_(bucket|sum|count)$/.test(suffix) : suffix === '', line)
  const seen = new Set<string>()
  for (let rest = labels; rest !== ''; ) {
    const [whole, label = ''] = labelPair.exec(rest) ?? assert.fail(`no label: ${rest} in ${line}`)
    assert.ok(!seen.has(label), line)
    seen.add(label)
    rest = rest.slice(whole.length)
  }
  const key = labels === '' ? name : `${name}{${labels}}`
  assert.ok(!series.has(key), `told twice: ${line}`)
  assert.ok(!Number.isNaN(Number(value)), line)
  series.set(key, Number(value))
}

function check(name: string, { type, series }: ReadFamily): void {
  assert.notEqual(type, '', `${name} has no type`)
  if (type === 'counter') assert.match(name, /_total$/)
  if (type !== 'histogram') return
  for (const [key, count] of series) {
    if (!key.startsWith(`${name}_count`)) continue
    const labels = /\{(.*)\}$/.exec(key)?.[1] ?? ''
    const inside = (le: string) => `${name}_bucket{${labels}${labels && ','}le="${le}"}`
    const buckets = [...series].filter(([other]) => other.startsWith(inside('').slice(0, -2)))
    const values = buckets.map(([, value]) => value)
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
      `buckets of ${key}`,
    )
    assert.equal(series.get(inside('+Inf')), count, key)
    assert.ok(series.has(key.replace('_count', '_sum')), key)
  }
}

/** One number of a family: `numberOf(families, 'wharf_x_total', { name: 'box' })`; the sum of all that have these labels. */
export function numberOf(
  families: ReadonlyMap<string, ReadFamily>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
  suffix = '',
): number {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const series = families.get(name)?.series ?? assert.fail(`there is no ${name}`)
  const found = [...series].filter(([key]) => {
    return key.split('{')[0] === `${name}${suffix}` && wanted.every((pair) => key.includes(pair))
  })
  return found.reduce((sum, [, value]) => sum + value, 0)
}
