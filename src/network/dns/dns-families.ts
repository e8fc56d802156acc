import { type Family, histogramSamples } from '../../base/meters.ts'
import type { ResolverCounts } from '../../resolver/counts.ts'

/** What a resolver has done since it was started: `wharf_dns_…`. */
export function dnsFamilies({ queries, answers, forwards }: ResolverCounts): Family[] {
  const samples = (label: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([word, value]) => ({ labels: { [label]: word }, value }))
  return [
    {
      name: 'wharf_dns_queries_total',
      help: 'Questions of containers for names, by type',
      type: 'counter',
      samples: samples('type', queries),
    },
    {
      name: 'wharf_dns_answers_total',
      help: 'How they were answered: from our own names, with no record, from the cache, by other servers, or not at all',
      type: 'counter',
      samples: samples('kind', answers),
    },
    {
      name: 'wharf_dns_forward_seconds',
      help: 'How long other servers took to answer',
      type: 'histogram',
      samples: histogramSamples(forwards, {}),
    },
  ]
}
