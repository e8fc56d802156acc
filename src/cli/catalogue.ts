import type { Command } from './command.ts'

/** One command as the catalogue knows it: what to show about it, and how to load it when it is wanted. */
export interface CatalogueEntry {
  /** Everything it answers to; the first is its proper name. */
  readonly names: readonly string[]
  readonly summary: string
  readonly load: () => Promise<{ readonly command: Command }>
}

/** The nouns with verbs, and what the help says about each. */
export const groups: Readonly<Record<string, string>> = {
  builder: 'Manage builds',
  container: 'Manage containers',
  image: 'Manage images',
  network: 'Manage networks',
  node: 'Manage the hosts that share networks',
  overlay: 'Look after the networks that hosts share',
  system: 'Manage the engine',
  volume: 'Manage volumes',
}

/** Shown first in the help, in this order. */
export const commonCommands = ['run', 'exec', 'ps', 'build', 'pull', 'images', 'version', 'info'] as const

/** Every command. Nothing of a command is loaded before it is called. */
export const catalogue: readonly CatalogueEntry[] = [
  entry(
    'container attach, attach',
    'Attach local standard input, output, and error streams to a running container',
    () => import('./commands/container-attach.ts'),
  ),
  entry(
    'container commit, commit',
    "Create a new image from a container's changes",
    () => import('./commands/container-commit.ts'),
  ),
  entry(
    'container cp, cp',
    'Copy files/folders between a container and the local filesystem',
    () => import('./commands/container-cp.ts'),
  ),
  entry('container create, create', 'Create a new container', () => import('./commands/container-create.ts')),
  entry(
    'container diff, diff',
    "Inspect changes to files or directories on a container's filesystem",
    () => import('./commands/container-diff.ts'),
  ),
  entry(
    'container exec, exec',
    'Execute a command in a running container',
    () => import('./commands/container-exec.ts'),
  ),
  entry(
    'container export, export',
    "Export a container's filesystem as a tar archive",
    () => import('./commands/container-export.ts'),
  ),
  entry(
    'container inspect',
    'Display detailed information on one or more containers',
    () => import('./commands/container-inspect.ts'),
  ),
  entry('container kill, kill', 'Kill one or more running containers', () => import('./commands/container-kill.ts')),
  entry('container logs, logs', 'Fetch the logs of a container', () => import('./commands/container-logs.ts')),
  entry(
    'container ls, container list, container ps, ps',
    'List containers',
    () => import('./commands/container-ls.ts'),
  ),
  entry(
    'container pause, pause',
    'Pause all processes within one or more containers',
    () => import('./commands/container-pause.ts'),
  ),
  entry(
    'container port, port',
    'List port mappings or a specific mapping for the container',
    () => import('./commands/container-port.ts'),
  ),
  entry('port add', 'Publish ports of a container, also while it runs', () => import('./commands/port-add.ts')),
  entry('port rm', 'Withdraw published ports of a container', () => import('./commands/port-rm.ts')),
  entry('container prune', 'Remove all stopped containers', () => import('./commands/container-prune.ts')),
  entry('container rename, rename', 'Rename a container', () => import('./commands/container-rename.ts')),
  entry(
    'container restart, restart',
    'Restart one or more containers',
    () => import('./commands/container-restart.ts'),
  ),
  entry(
    'container rm, container remove, rm',
    'Remove one or more containers',
    () => import('./commands/container-rm.ts'),
  ),
  entry(
    'container run, run',
    'Create and run a new container from an image',
    () => import('./commands/container-run.ts'),
  ),
  entry(
    'container start, start',
    'Start one or more stopped containers',
    () => import('./commands/container-start.ts'),
  ),
  entry(
    'container stats, stats',
    'Display a live stream of container(s) resource usage statistics',
    () => import('./commands/container-stats.ts'),
  ),
  entry('container stop, stop', 'Stop one or more running containers', () => import('./commands/container-stop.ts')),
  entry(
    'container top, top',
    'Display the running processes of a container',
    () => import('./commands/container-top.ts'),
  ),
  entry(
    'container unpause, unpause',
    'Unpause all processes within one or more containers',
    () => import('./commands/container-unpause.ts'),
  ),
  entry(
    'container update, update',
    'Update configuration of one or more containers',
    () => import('./commands/container-update.ts'),
  ),
  entry(
    'container wait, wait',
    'Block until one or more containers stop, then print their exit codes',
    () => import('./commands/container-wait.ts'),
  ),
  entry(
    'image build, build, builder build',
    'Build an image from a Dockerfile',
    () => import('./commands/image-build.ts'),
  ),
  entry('builder prune', 'Remove build cache', () => import('./commands/builder-prune.ts')),
  entry('image history, history', 'Show the history of an image', () => import('./commands/image-history.ts')),
  entry(
    'image import, import',
    'Import the contents from a tarball to create a filesystem image',
    () => import('./commands/image-import.ts'),
  ),
  entry(
    'image inspect',
    'Display detailed information on one or more images',
    () => import('./commands/image-inspect.ts'),
  ),
  entry('image load, load', 'Load an image from a tar archive or STDIN', () => import('./commands/image-load.ts')),
  entry('image ls, image list, images', 'List images', () => import('./commands/image-ls.ts')),
  entry('image prune', 'Remove unused images', () => import('./commands/image-prune.ts')),
  entry('image pull, pull', 'Download an image from a registry', () => import('./commands/image-pull.ts')),
  entry('image push, push', 'Upload an image to a registry', () => import('./commands/image-push.ts')),
  entry('image rm, image remove, rmi', 'Remove one or more images', () => import('./commands/image-rm.ts')),
  entry(
    'image save, save',
    'Save one or more images to a tar archive (streamed to STDOUT by default)',
    () => import('./commands/image-save.ts'),
  ),
  entry(
    'image tag, tag',
    'Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE',
    () => import('./commands/image-tag.ts'),
  ),
  entry('network connect', 'Connect a container to a network', () => import('./commands/network-connect.ts')),
  entry('network create', 'Create a network', () => import('./commands/network-create.ts')),
  entry(
    'network disconnect',
    'Disconnect a container from a network',
    () => import('./commands/network-disconnect.ts'),
  ),
  entry(
    'network inspect',
    'Display detailed information on one or more networks',
    () => import('./commands/network-inspect.ts'),
  ),
  entry('network ls, network list', 'List networks', () => import('./commands/network-ls.ts')),
  entry('network prune', 'Remove all unused networks', () => import('./commands/network-prune.ts')),
  entry('network rm, network remove', 'Remove one or more networks', () => import('./commands/network-rm.ts')),
  entry(
    'node inspect',
    'Display detailed information on one or more nodes',
    () => import('./commands/node-inspect.ts'),
  ),
  entry('node ls, node list', 'List the hosts that share networks', () => import('./commands/node-ls.ts')),
  entry(
    'node rm, node remove',
    'Remove nodes that will not come back, and all that they held',
    () => import('./commands/node-rm.ts'),
  ),
  entry(
    'overlay doctor',
    'Show what differs between etcd, this host and what heartbeats tell',
    () => import('./commands/overlay-doctor.ts'),
  ),
  entry(
    'overlay rotate-key',
    'Change the key of an encrypted network, on all hosts',
    () => import('./commands/overlay-rotate-key.ts'),
  ),
  entry('volume create', 'Create a volume', () => import('./commands/volume-create.ts')),
  entry(
    'volume inspect',
    'Display detailed information on one or more volumes',
    () => import('./commands/volume-inspect.ts'),
  ),
  entry('volume ls, volume list', 'List volumes', () => import('./commands/volume-ls.ts')),
  entry('volume prune', 'Remove unused local volumes', () => import('./commands/volume-prune.ts')),
  entry('volume rm, volume remove', 'Remove one or more volumes', () => import('./commands/volume-rm.ts')),
  entry('completion', 'Print the completion script for bash, zsh or fish', () => import('./commands/completion.ts')),
  entry('context', "Make a docker context for Wharf's socket", () => import('./commands/context.ts')),
  entry(
    'doctor',
    'Show what this kernel and host can do, and what would disturb',
    () => import('./commands/doctor.ts'),
  ),
  entry('inspect', 'Return low-level information on Wharf objects', () => import('./commands/inspect.ts')),
  entry('login', 'Authenticate to a registry', () => import('./commands/login.ts')),
  entry('logout', 'Log out from a registry', () => import('./commands/logout.ts')),
  entry('version', 'Show the Wharf version information', () => import('./commands/version.ts')),
  entry('system df', 'Show disk usage', () => import('./commands/system-df.ts')),
  entry('system prune', 'Remove unused data', () => import('./commands/system-prune.ts')),
  entry('system events, events', 'Get real time events from the server', () => import('./commands/events.ts')),
  entry('system info, info', 'Display system-wide information', () => import('./commands/info.ts')),
]

function entry(names: string, summary: string, load: CatalogueEntry['load']): CatalogueEntry {
  return { names: names.split(', '), summary, load }
}
