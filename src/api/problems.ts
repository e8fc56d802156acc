import { EngineError, httpStatus } from '../base/errors.ts'

/** What a client is told of a failure, and whether the failure is a bug of ours. */
export interface Problem {
  readonly status: number
  readonly message: string
  readonly isBug: boolean
}

/** The words for failures that the HTTP server itself finds, by fastify's code. */
const serverProblems: Readonly<Record<string, { readonly status: number; readonly message: string }>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { status: 400, message: 'malformed Content-Type header: mime: no media type' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { status: 400, message: 'request body is shorter than its Content-Length says' },
  FST_ERR_BAD_URL: { status: 400, message: 'malformed URL: invalid escape' },
  FST_ERR_ASYNC_CONSTRAINT: { status: 400, message: 'malformed request' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 400, message: 'malformed URL: too long' },
}

/**
 * Turns whatever was thrown into an answer. The status of every `EngineError` comes from its kind, in one table
 * (`base/errors.ts`); everything else that is thrown is a bug.
 */
export function problemOf(error: unknown): Problem {
  if (error instanceof EngineError) {
    // A failure whose kind is "internal" is Docker's word for many user errors: it is answered, and is no bug.
    return { status: httpStatus[error.kind], message: error.message, isBug: false }
  }
  if (error instanceof AggregateError && error.errors.length > 0) {
    const problems = error.errors.map(problemOf)
    const message = problems.map((problem) => problem.message).join('\n')
    return { status: problems[0]!.status, message, isBug: problems.some(({ isBug }) => isBug) }
  }
  if (!(error instanceof Error)) return { status: 500, message: String(error), isBug: true }
  const known = serverProblems[(error as { code?: string }).code ?? '']
  if (known) return { ...known, isBug: false }
  const status = (error as { statusCode?: unknown }).statusCode
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return { status, message: error.message, isBug: false }
  }
  return { status: 500, message: error.message, isBug: true }
}
