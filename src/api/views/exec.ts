import type { ExecRecord } from '../../container/containers.ts'
import type { ExecInspect } from '../../protocol/exec.ts'

/** An exec, as `docker inspect` of its id shows it. */
export function execView({ id, containerId, request, running, exitCode, pid }: ExecRecord): ExecInspect {
  const [entrypoint = '', ...args] = request.command
  return {
    ID: id,
    Running: running,
    ExitCode: exitCode ?? null,
    ProcessConfig: {
      tty: request.terminal,
      entrypoint,
      arguments: args,
      privileged: request.privileged,
      ...(request.user ? { user: request.user } : {}),
    },
    OpenStdin: request.streams.stdin,
    OpenStderr: request.streams.stderr,
    OpenStdout: request.streams.stdout,
    CanRemove: false,
    ContainerID: containerId,
    DetachKeys: request.detachKeys,
    Pid: pid,
  }
}
