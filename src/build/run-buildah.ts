import { StringDecoder } from 'node:string_decoder'
import type { Child } from '../kernel/processes/child.ts'
import type { ErrorOutput, LastWords } from './buildah/error-output.ts'
import type { StepOutput } from './buildah/step-output.ts'
import type { BuildReport } from './builder.ts'

/**
 * Passes what buildah says on to the client, no faster than it listens.
 *
 * @returns its exit status, and its last words
 */
export async function relayOutput(
  { process: child, end }: Child,
  steps: StepOutput,
  errors: ErrorOutput,
  report: BuildReport,
): Promise<LastWords & { readonly status: number }> {
  const tell = async (texts: readonly string[]) => {
    for (const text of texts) await report.stream(text)
  }
  const relay = async (source: AsyncIterable<Buffer>, take: (text: string) => readonly string[]) => {
    const decoder = new StringDecoder('utf8')
    for await (const chunk of source) await tell(take(decoder.write(chunk)))
  }
  const [{ status }] = await Promise.all([
    end,
    relay(child.stdout, (text) => steps.write(text)),
    relay(child.stderr, (text) => errors.write(text)),
  ])
  const { told, ...last } = errors.end()
  await tell([...steps.end(), ...told])
  return { status, ...last }
}
