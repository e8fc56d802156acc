import { millisecondsOf, never } from '../../base/clock.ts'
import type { ContainerState } from '../../container/model.ts'

const minute = 60
const hour = 60 * minute
const day = 24 * hour

/**
 * A length of time in the words of `docker ps`: `"5 seconds"`, `"About a minute"`, `"2 weeks"`.
 *
 * @param milliseconds  less than a second, and what lies in the future, is `"Less than a second"`
 */
export function durationText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < minute) return `${seconds} seconds`
  const minutes = Math.floor(seconds / minute)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.floor(milliseconds / 1000 / hour + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  const days = Math.floor((hours * hour) / day)
  if (days < 14) return `${days} days`
  if (days < 60) return `${Math.floor(days / 7)} weeks`
  if (days < 365 * 2) return `${Math.floor(days / 30)} months`
  return `${Math.floor(days / 365)} years`
}

function healthText({ health }: ContainerState): string {
  if (health === undefined) return ''
  return health.status === 'starting' ? ' (health: starting)' : ` (${health.status})`
}

/** What `docker ps` shows of a container's state: `"Up 5 seconds"`, `"Exited (0) 3 minutes ago"`. */
export function statusText(state: ContainerState, nowMs: number): string {
  const since = (time: string) => durationText(nowMs - millisecondsOf(time))
  switch (state.status) {
    case 'running':
      return `Up ${since(state.startedAt)}${healthText(state)}`
    case 'paused':
      return `Up ${since(state.startedAt)} (Paused)`
    case 'restarting':
      return `Restarting (${state.exitCode}) ${since(state.finishedAt)} ago`
    case 'removing':
      return 'Removal In Progress'
    case 'dead':
      return 'Dead'
    default:
      if (state.startedAt === never) return 'Created'
      return state.finishedAt === never ? '' : `Exited (${state.exitCode}) ${since(state.finishedAt)} ago`
  }
}
