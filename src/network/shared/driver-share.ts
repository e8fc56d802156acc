import type { Cluster } from '../../cluster/cluster.ts'
import type { SharedSecrets } from '../../cluster/secrets/secrets-model.ts'
import type { DriverContext } from '../driver.ts'

/** What drivers are told of the cluster: how other hosts reach this one, and secrets as they are whenever asked. */
export function driverShare(cluster: Cluster | undefined): Pick<DriverContext, 'underlay' | 'secretsOf'> {
  return { underlay: cluster?.self, secretsOf: (networkId) => secretsFrom(cluster?.secrets.get(networkId)) }
}

function secretsFrom(secrets: SharedSecrets | undefined): ReturnType<NonNullable<DriverContext['secretsOf']>> {
  if (secrets === undefined) return undefined
  const { generations, sending } = secrets
  const accepted = generations.map(({ number, secret }) => ({ number, bytes: Buffer.from(secret, 'hex') }))
  return { accepted, sending }
}
