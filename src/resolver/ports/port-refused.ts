import { KernelError } from '../../base/errors.ts'
import type { RefusedPort } from '../protocol.ts'

/** A port of the host that cannot be held: of several, the first. */
export class PortRefused extends KernelError {
  readonly port: RefusedPort

  constructor(port: RefusedPort, errno: string, detail: string) {
    super('hold a port', errno, detail)
    this.port = port
  }
}
