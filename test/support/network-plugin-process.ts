/**
 * A network driver as a plugin: `node network-plugin-process.ts SOCKET DIRECTORY`. It manages addresses too.
 *
 * Each network is a bridge of its own in the namespace that the plugin runs in, each endpoint a veth. What there is
 * outlives it (`networks.json`) unless the option `forgetful` of the network says so.
 */
import { execFileSync } from 'node:child_process'
import { ipamMethods, rememberLent } from './ipam-plugin-process.ts'
import { recall, remember, servePlugin } from './plugin-server.ts'

interface Network {
  readonly bridge: string
  readonly gateway: string | undefined
  readonly options: Readonly<Record<string, string>>
  /** By endpoint; the host end of the veth. */
  readonly ports: Record<string, string>
}

const networks = recall<Record<string, Network>>('networks.json', {})
const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'pipe', 'pipe'] })
const required = (id: string): Network => networks[id] ?? fail(`no network ${id}`)

function fail(why: string): never {
  throw new Error(why)
}

interface Body {
  readonly NetworkID: string
  readonly EndpointID: string
  readonly IPv4Data: readonly { readonly Gateway?: string }[]
  readonly Interface: { readonly Address: string; readonly MacAddress: string }
  readonly Options: Readonly<Record<string, any>>
}

function createNetwork({ NetworkID, IPv4Data, Options }: Body): object {
  if (networks[NetworkID] !== undefined) fail(`network ${NetworkID} exists`)
  const bridge = `tp${NetworkID.slice(0, 8)}`
  const gateway = IPv4Data[0]?.Gateway
  ip('link', 'add', bridge, 'type', 'bridge')
  ip('link', 'set', bridge, 'up')
  const options = Options['com.docker.network.generic']
  if (gateway !== undefined && options.gateway !== 'none') ip('addr', 'add', gateway, 'dev', bridge)
  networks[NetworkID] = { bridge, gateway: gateway?.split('/')[0], options, ports: {} }
  return {}
}

function deleteNetwork({ NetworkID }: Body): object {
  ip('link', 'del', required(NetworkID).bridge)
  delete networks[NetworkID]
  return {}
}

function createEndpoint({ NetworkID, EndpointID, Interface }: Body): object {
  const { bridge, ports } = required(NetworkID)
  const name = `tv${EndpointID.slice(0, 8)}`
  const mac = Interface.MacAddress || `02:${EndpointID.slice(0, 10).match(/../g)!.join(':')}`
  ip('link', 'add', name, 'type', 'veth', 'peer', 'name', `${name}c`, 'address', mac)
  ip('link', 'set', name, 'master', bridge, 'up')
  ports[EndpointID] = name
  return Interface.MacAddress === '' ? { Interface: { MacAddress: mac } } : {}
}

function deleteEndpoint({ NetworkID, EndpointID }: Body): object {
  const { ports } = required(NetworkID)
  const name = ports[EndpointID] ?? fail(`no endpoint ${EndpointID}`)
  delete ports[EndpointID]
  ip('link', 'del', name)
  return {}
}

function join({ NetworkID, EndpointID }: Body): object {
  const { gateway, options, ports } = required(NetworkID)
  const name = ports[EndpointID] ?? fail(`no endpoint ${EndpointID}`)
  return {
    InterfaceName: { SrcName: `${name}c`, DstPrefix: options['prefix'] ?? 'eth' },
    ...(options['gateway'] !== 'none' && { Gateway: gateway }),
    ...(options['gateway'] === 'off' && { DisableGatewayService: true }),
    StaticRoutes: [
      { Destination: '10.200.0.0/16', RouteType: 1, NextHop: '' },
      ...(gateway === undefined ? [] : [{ Destination: '10.201.0.0/16', RouteType: 0, NextHop: gateway }]),
    ],
  }
}

const drive = (method: (body: Body) => object) => (body: Body) => {
  try {
    return method(body)
  } catch (error) {
    return { Err: (error as Error).message }
  }
}

const methods = {
  CreateNetwork: drive(createNetwork),
  DeleteNetwork: drive(deleteNetwork),
  CreateEndpoint: drive(createEndpoint),
  DeleteEndpoint: drive(deleteEndpoint),
  Join: drive(join),
  Leave: drive(() => ({})),
  ProgramExternalConnectivity: drive(() => ({})),
  RevokeExternalConnectivity: drive(() => ({})),
}
const prefixed = Object.entries(methods).map(([name, method]) => [`NetworkDriver.${name}`, method])

servePlugin(
  {
    'Plugin.Activate': () => ({ Implements: ['NetworkDriver', 'IpamDriver'] }),
    'NetworkDriver.GetCapabilities': () => ({ Scope: 'local', ConnectivityScope: 'local' }),
    ...Object.fromEntries(prefixed),
    ...ipamMethods,
  },
  () => {
    remember('networks.json', networks)
    rememberLent()
  },
)
