import type { ProgressMessage } from '../protocol/image.ts'
import { problemOf } from './problems.ts'
import { answerStream, type StreamReply } from './stream-reply.ts'

/**
 * Answers with lines of progress. What fails before the first line is an ordinary error; after it, the last line
 * tells, as Docker's clients expect.
 */
export async function answerProgress(
  stream: StreamReply,
  work: (report: (message: ProgressMessage) => void) => Promise<void>,
): Promise<void> {
  // Progress is small and its source cannot wait: what a slow client does not take stays in memory for a while.
  const report = (message: ProgressMessage) => {
    if (!stream.signal.aborted) void stream.write(`${JSON.stringify(message)}\r\n`)
  }
  await answerStream(
    stream,
    () => work(report),
    (error) => {
      const { message } = problemOf(error)
      report({ errorDetail: { message }, error: message })
      return true
    },
  )
}
