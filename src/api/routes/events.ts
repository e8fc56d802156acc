import { EngineError } from '../../base/errors.ts'
import { wantsEvent } from '../checks/event-filter.ts'
import { parseFilters } from '../filters.ts'
import type { Routes } from '../parts.ts'
import { momentOf, type Query, textOf } from '../query.ts'
import { answerStream, StreamReply } from '../stream-reply.ts'
import { eventView } from '../views/event.ts'

/** `/events`: one JSON object a line, until the client leaves. @source Docker Engine API v1.51, SystemEvents */
export const eventRoutes: Routes = (app, { engine }) => {
  app.get<{ Querystring: Query }>('/events', async ({ query }, reply) => {
    const filters = parseFilters(textOf(query, 'filters')) // of names that it does not know Docker says nothing here
    const sinceMs = momentOf(query, 'since')
    const untilMs = momentOf(query, 'until')
    if (sinceMs !== undefined && untilMs !== undefined && untilMs < sinceMs) {
      const times = `(${textOf(query, 'since')}) cannot be after \`until\` time (${textOf(query, 'until')})`
      throw new EngineError('invalid-argument', `\`since\` time ${times}`)
    }
    const range = { ...(sinceMs === undefined ? {} : { sinceMs }), ...(untilMs === undefined ? {} : { untilMs }) }
    await answerStream(new StreamReply(reply, 'application/json'), async (stream) => {
      const events = engine.events(range, stream.signal)
      stream.open()
      for await (const event of events) {
        if (wantsEvent(filters, event)) await stream.write(`${JSON.stringify(eventView(event))}\n`)
      }
    })
  })
}
