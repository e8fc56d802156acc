import type { EngineEvent } from '../../engine/events.ts'
import type { EventMessage } from '../../protocol/event.ts'

/** An event as clients before API 1.52 read it: for containers and images the old names stand beside the new ones. */
export function eventView(event: EngineEvent): EventMessage {
  const { Type, Action, Actor } = event
  if (Type !== 'container' && Type !== 'image') return { ...event }
  const from = Actor.Attributes['image']
  return { status: Action, id: Actor.ID, ...(Type === 'container' && from ? { from } : {}), ...event }
}
