import type { ExecCreateBody, ExecInspect } from '../protocol/exec.ts'
import type { HijackedConnection, Transport } from './transport.ts'

/** Prepares an exec in a running container; answers its id. @source Docker Engine API v1.51, ContainerExec */
export async function createExec(transport: Transport, ref: string, body: ExecCreateBody): Promise<string> {
  const path = `/containers/${encodeURIComponent(ref)}/exec`
  const { Id } = await transport.json<{ readonly Id: string }>({ method: 'POST', path, body })
  return Id
}

/** Starts an exec and leaves it alone. @source Docker Engine API v1.51, ExecStart */
export function startExecDetached(transport: Transport, id: string, terminal: boolean): Promise<void> {
  return transport.send({ method: 'POST', path: `/exec/${id}/start`, body: { Detach: true, Tty: terminal } })
}

/** Starts an exec and takes its streams. @param size rows and columns @source Docker Engine API v1.51, ExecStart */
export function startExec(
  transport: Transport,
  id: string,
  terminal: boolean,
  size?: readonly [number, number],
): Promise<HijackedConnection> {
  const body = { Detach: false, Tty: terminal, ...(size === undefined ? {} : { ConsoleSize: size }) }
  return transport.hijack({ method: 'POST', path: `/exec/${id}/start`, body })
}

/** Sets the size of an exec's terminal. @source Docker Engine API v1.51, ExecResize */
export function resizeExec(transport: Transport, id: string, size: { rows: number; columns: number }): Promise<void> {
  return transport.send({ method: 'POST', path: `/exec/${id}/resize`, query: { h: size.rows, w: size.columns } })
}

/** Inspects an exec. @source Docker Engine API v1.51, ExecInspect */
export function inspectExec(transport: Transport, id: string): Promise<ExecInspect> {
  return transport.json({ method: 'GET', path: `/exec/${id}/json` })
}
