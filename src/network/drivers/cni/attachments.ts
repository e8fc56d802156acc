import type { Collection, StoredRecord } from '../../../store/store.ts'
import type { CniConfig } from './config.ts'
import type { CniResult } from './result.ts'

/**
 * One container's place on one network, as its plugins know it. Recorded before the first plugin is called, and until
 * the last one has heard DEL: everything that DEL needs is in it, whatever becomes of network and container.
 */
export interface CniAttachment extends StoredRecord {
  readonly version: 1
  /** Of the endpoint; the plugins' container id, so that a container that starts again is another one to them. */
  readonly id: string
  readonly networkId: string
  readonly interfaceName: string
  /** Path of the namespace. */
  readonly netns: string
  /** `CNI_ARGS` */
  readonly args: string
  /** By capability, for those plugins that have it. */
  readonly capabilities: Readonly<Record<string, unknown>>
  readonly config: CniConfig
  /** Absent: ADD has not come to its end. */
  readonly result?: CniResult
  /** The endpoint is gone, and DEL has failed. */
  readonly owed?: true
}

/** The attachments of all networks. */
export type CniAttachments = Collection<CniAttachment>
