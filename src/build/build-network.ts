import { EngineError } from '../base/errors.ts'
import type { Networking, SandboxMode } from '../network/networking.ts'
import type { BuildRequest } from './builder.ts'

/** The network that the commands of a build see. */
export interface BuildNetwork extends AsyncDisposable {
  /** As buildah takes it: `host`, `none`, `ns:PATH`. */
  readonly name: string
  /** Mounts that the build needs. */
  readonly mounts: readonly string[]
  /** Where `hosts` and `resolv.conf` are; undefined: buildah makes its own. */
  readonly files?: string
}

/** How a container is found by what a network mode calls it. */
export type FindContainer = (reference: string) => { readonly id: string }

/**
 * Opens the network of a build: one like a container's, with names, a way out, and whoever else is on it.
 *
 * @param filesDir  an empty directory
 * @throws {EngineError} in Docker's words
 */
export async function openBuildNetwork(
  { networking, findContainer }: { readonly networking: Networking; readonly findContainer: FindContainer },
  id: string,
  { networkMode, extraHosts }: BuildRequest,
  filesDir: string,
): Promise<BuildNetwork> {
  if (networkMode === 'host' || networkMode === 'none') {
    return { name: networkMode, mounts: [], [Symbol.asyncDispose]: async () => {} }
  }
  const name = `build-${id.slice(0, 12)}`
  const { sandbox } = await networking.openSandbox({
    containerId: id,
    containerName: name,
    hostname: id.slice(0, 12),
    domainname: '',
    mode: sandboxMode(networkMode, findContainer),
    ports: [],
    dns: { servers: [], search: [], options: [] },
    extraHosts,
    sysctls: {},
    filesDir,
  })
  return {
    name: `ns:${sandbox.path}`,
    mounts: [sandbox.path],
    files: filesDir,
    async [Symbol.asyncDispose]() {
      await networking.closeSandbox(id)
      await networking.forget(id)
    },
  }
}

function sandboxMode(networkMode: string, findContainer: FindContainer): SandboxMode {
  if (networkMode === 'container:')
    throw new EngineError('invalid-argument', 'invalid container format container:<name|id>')
  if (networkMode.startsWith('container:')) {
    return { kind: 'join', containerId: findContainer(networkMode.slice('container:'.length)).id }
  }
  const network = networkMode === '' || networkMode === 'default' ? 'bridge' : networkMode
  return {
    kind: 'own',
    attachments: [{ network, aliases: [], links: [], driverOptions: {}, gatewayPriority: 0 }],
  }
}
