import { Durations, type Meter, Tally } from '../base/meters.ts'

/** What containers count while they live, under Docker's names. */
export interface ContainerMeters {
  /** `create`, `start`, `delete`, `commit`, `changes`. */
  readonly actions: Durations
  readonly healthChecks: Tally
  readonly failedHealthChecks: Tally
}

/** Meters that stand at nothing. */
export function createContainerMeters(): ContainerMeters {
  return {
    actions: new Durations({
      name: 'engine_daemon_container_actions_seconds',
      help: 'The number of seconds it takes to process each container action',
      labels: ['action'],
    }),
    healthChecks: new Tally({
      name: 'engine_daemon_health_checks_total',
      help: 'The total number of health checks',
    }),
    failedHealthChecks: new Tally({
      name: 'engine_daemon_health_checks_failed_total',
      help: 'The total number of failed health checks',
    }),
  }
}

/** All of them, to be read. */
export function metersOf({ actions, healthChecks, failedHealthChecks }: ContainerMeters): readonly Meter[] {
  return [actions, healthChecks, failedHealthChecks]
}
