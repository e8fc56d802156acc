import type { EngineEvent } from '../../engine/events.ts'
import { anyOf, type Filters, hasLabels } from '../filters.ts'

/** Whether a client that gave these filters wants this event. */
export function wantsEvent(filters: Filters, event: EngineEvent): boolean {
  const { Type, Action, Actor, scope } = event
  return (
    anyOf(filters, 'type', (wanted) => wanted === Type) &&
    anyOf(filters, 'event', (wanted) => wanted === Action || wanted === Action.split(':', 1)[0]) &&
    anyOf(filters, 'scope', (wanted) => wanted === scope) &&
    ['container', 'network', 'volume', 'daemon', 'plugin', 'service', 'node', 'secret', 'config'].every((type) =>
      anyOf(filters, type, (wanted) => names(event, type, wanted)),
    ) &&
    anyOf(filters, 'image', (wanted) => namesImage(event, wanted)) &&
    hasLabels(filters, 'label', Actor.Attributes)
  )
}

/** An event is of an object when its id or its name begins with the words given. */
function names({ Type, Actor }: EngineEvent, type: string, wanted: string): boolean {
  return Type === type && (Actor.ID.startsWith(wanted) || (Actor.Attributes['name'] ?? '').startsWith(wanted))
}

function namesImage({ Type, Actor }: EngineEvent, wanted: string): boolean {
  const name = Actor.Attributes[Type === 'image' ? 'name' : 'image'] ?? ''
  const bare = name.replace(/:[^:/]*$/, '')
  return [Actor.ID, name, bare].includes(wanted)
}
