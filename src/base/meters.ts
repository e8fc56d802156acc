/** Labels of a sample, by name. */
export type Labels = Readonly<Record<string, string>>

/** One number of a family. `suffix` is for histograms, whose numbers have names of their own. */
export interface Sample {
  readonly labels: Labels
  readonly value: number
  readonly suffix?: '_bucket' | '_sum' | '_count'
}

/** Numbers of one kind, as Prometheus takes them. @source Prometheus, "Exposition formats" */
export interface Family {
  readonly name: string
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: readonly Sample[]
}

/** What can be read when somebody asks. */
export interface Meter {
  read(): Family
}

/** Names a meter; `labels` are the names of what it tells apart. */
export interface MeterSpec {
  readonly name: string
  readonly help: string
  readonly labels?: readonly string[]
}

/** Joins label values to a key: no value of ours holds it. */
const separator = '\u0000'

/** Counts what happens. Cheap enough for every request: one look into a map. */
export class Tally implements Meter {
  readonly #spec: MeterSpec
  readonly #counts = new Map<string, number>()

  constructor(spec: MeterSpec) {
    this.#spec = spec
    if ((spec.labels ?? []).length === 0) this.#counts.set('', 0)
  }

  /** @param values  of the labels, in their order */
  add(values: readonly string[] = [], by = 1): void {
    const key = values.join(separator)
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + by)
  }

  read(): Family {
    const { name, help } = this.#spec
    const samples = Array.from(this.#counts, ([key, value]) => ({ labels: labelsOf(this.#spec, key), value }))
    return { name, help, type: 'counter', samples }
  }
}

/** Upper limits of the buckets of a histogram, in seconds, as Prometheus' libraries have them. */
const usualBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** How long something took, so far: for each bucket how often it was no longer than that; the last one is for the rest. */
export interface Histogram {
  readonly bounds: readonly number[]
  readonly counts: number[]
  /** Seconds. */
  sum: number
}

/** A histogram of nothing. */
export function createHistogram(bounds: readonly number[] = usualBounds): Histogram {
  return { bounds, counts: Array.from({ length: bounds.length + 1 }, () => 0), sum: 0 }
}

/** Notes one more. */
export function observe(histogram: Histogram, seconds: number): void {
  const { bounds, counts } = histogram
  let bucket = 0
  while (bucket < bounds.length && seconds > bounds[bucket]!) bucket++
  counts[bucket]!++
  histogram.sum += seconds
}

/** The samples of a histogram: buckets hold all that was no longer, as Prometheus has it. */
export function histogramSamples({ bounds, counts, sum }: Histogram, labels: Labels): Sample[] {
  let total = 0
  const buckets = counts.map((count, i): Sample => {
    total += count
    return {
      labels: { ...labels, le: i < bounds.length ? String(bounds[i]) : '+Inf' },
      value: total,
      suffix: '_bucket',
    }
  })
  return [...buckets, { labels, value: sum, suffix: '_sum' }, { labels, value: total, suffix: '_count' }]
}

/** Measures how long things take. */
export class Durations implements Meter {
  readonly #spec: MeterSpec
  readonly #bounds: readonly number[]
  readonly #histograms = new Map<string, Histogram>()

  constructor(spec: MeterSpec, bounds: readonly number[] = usualBounds) {
    this.#spec = spec
    this.#bounds = bounds
  }

  /** Does `work`, and notes how long it took when it succeeds. @param values  of the labels, in their order */
  async time<T>(values: readonly string[], work: () => Promise<T>): Promise<T> {
    const begin = performance.now()
    const result = await work()
    this.observe(values, (performance.now() - begin) / 1000)
    return result
  }

  observe(values: readonly string[], seconds: number): void {
    const key = values.join(separator)
    observe(
      this.#histograms.getOrInsertComputed(key, () => createHistogram(this.#bounds)),
      seconds,
    )
  }

  read(): Family {
    const { name, help } = this.#spec
    const samples = Array.from(this.#histograms, ([key, each]) => histogramSamples(each, labelsOf(this.#spec, key)))
    return { name, help, type: 'histogram', samples: samples.flat() }
  }
}

function labelsOf({ labels = [] }: MeterSpec, key: string): Labels {
  const values = key.split(separator)
  return Object.fromEntries(labels.map((label, i) => [label, values[i] ?? '']))
}
