import { build } from './cases/build.ts'
import { burst } from './cases/burst.ts'
import { churn } from './cases/churn.ts'
import { cluster } from './cases/cluster.ts'
import { connect } from './cases/connect.ts'
import { copy } from './cases/copy.ts'
import { dns } from './cases/dns.ts'
import { exec } from './cases/exec.ts'
import { hosts } from './cases/hosts.ts'
import { idle } from './cases/idle.ts'
import { lifecycle } from './cases/lifecycle.ts'
import { macvlan } from './cases/macvlan.ts'
import { many } from './cases/many.ts'
import { network } from './cases/network.ts'
import { overlay } from './cases/overlay.ts'
import { publish } from './cases/publish.ts'
import { pull } from './cases/pull.ts'
import { scale } from './cases/scale.ts'
import { stats } from './cases/stats.ts'
import { streams } from './cases/streams.ts'
import { throughput } from './cases/throughput.ts'
import type { BenchEngine } from './support/engine.ts'
import type { Row } from './support/report.ts'

/** One thing to measure on an engine that does nothing else. */
export type Case = (engine: BenchEngine) => Promise<Row[]>

/** Every case by its name, in the order in which they are run. */
export const cases: Readonly<Record<string, Case>> = {
  network,
  lifecycle,
  connect,
  exec,
  streams,
  copy,
  many,
  build,
  burst,
  dns,
  publish,
  pull,
  scale,
  stats,
  churn,
  throughput,
  overlay,
  macvlan,
  hosts,
  cluster,
  idle,
}
