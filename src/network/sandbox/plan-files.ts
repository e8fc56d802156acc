import { hostname } from 'node:os'
import { readTextIfThere } from '../host-facts.ts'
import type { SandboxRecord } from '../model.ts'
import type { NetworkParts } from '../network-parts.ts'
import type { SandboxWish } from '../networking.ts'
import { defaultNetwork } from '../networks/predefined-names.ts'
import { renderHosts } from './hosts-file.ts'
import { parseResolvConf, planResolvConf } from './resolv-conf.ts'
import type { SandboxFiles } from './sandbox-files.ts'
import { overridesOf, type SandboxPlan } from './sandbox-plan.ts'

/** The files of a container in a namespace of its own. */
export function ownFiles(parts: NetworkParts, { wish }: SandboxRecord, plan: SandboxPlan, ipv6: boolean): SandboxFiles {
  return {
    hosts: renderHosts({
      ipv6,
      extraHosts: wish.extraHosts,
      hostGateways: hostGateways(parts),
      lines: plan.hostsLines,
    }),
    hostname: wish.hostname,
    resolvConf: plan.resolvConf.text,
  }
}

/** The files of a container in the host's namespace: the host's own, unless the user wants something else in them. */
export function copiedFiles(parts: NetworkParts, wish: SandboxWish): SandboxFiles {
  const { files, config } = parts
  const extraHosts = { extraHosts: wish.extraHosts, hostGateways: hostGateways(parts) }
  const text = readTextIfThere(files.resolvConf)
  const overrides = overridesOf(wish.dns, config)
  const isOverridden = Object.values(overrides).some((values) => values.length > 0)
  const planned = () =>
    planResolvConf({ host: parseResolvConf(text), hostPath: files.resolvConf, overrides, embedded: false, ipv6: true })
  return {
    hosts:
      wish.extraHosts.length === 0
        ? readTextIfThere(files.hosts)
        : renderHosts({ ipv6: true, ...extraHosts, lines: [] }),
    hostname: wish.hostname || hostname(),
    resolvConf: isOverridden ? planned().text : text,
  }
}

/** What `host-gateway` stands for: what the settings say, else the addresses of the default bridge. */
function hostGateways({ table, config }: NetworkParts): readonly string[] {
  if (config.hostGatewayIps.length > 0) return config.hostGatewayIps
  const configs = table.networkNamed(defaultNetwork)?.ipam.configs ?? []
  return configs.map(({ gateway }) => gateway).filter((gateway) => gateway !== undefined)
}
