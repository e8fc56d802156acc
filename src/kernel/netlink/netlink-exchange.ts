import { isErrno, KernelError } from '../../base/errors.ts'
import {
  decodeAcknowledgement,
  type Frame,
  NLM_F_DUMP_INTR,
  NLMSG_DONE,
  NLMSG_ERROR,
} from '../../wire/netlink/frame.ts'
import { errnoName } from '../libc.ts'

/** One request, and how to hear what comes back. */
export interface Exchange {
  /** What the request does, for the error. */
  readonly action: string
  readonly sequence: number
  /** What came for it before anybody listened. */
  readonly early: readonly Frame[]
  /** The messages of the next datagram; undefined when it did not fit, and is lost. */
  receive(): readonly Frame[] | undefined
  /** Takes a message that belongs to another request. */
  passOn(frame: Frame): void
}

/**
 * Reads replies up to the end of one exchange.
 *
 * @returns copies of the bodies; undefined when a part is lost, or the list changed while it was read: ask again
 * @throws {KernelError} what the kernel refused, with its sentence in `detail`
 */
export function collectReplies({ action, sequence, early, receive, passOn }: Exchange): Uint8Array[] | undefined {
  const bodies: Uint8Array[] = []
  let complete = true
  for (let frames: readonly Frame[] | undefined = early; ; frames = receive()) {
    complete &&= frames !== undefined
    for (const frame of frames ?? []) {
      if (frame.sequence !== sequence) {
        passOn(frame)
        continue
      }
      if ((frame.flags & NLM_F_DUMP_INTR) !== 0) complete = false
      if (frame.type === NLMSG_DONE || frame.type === NLMSG_ERROR) {
        throwIfRefused(action, frame)
        return complete ? bodies : undefined
      }
      bodies.push(new Uint8Array(frame.body)) // the memory it is in is used again
    }
  }
}

/** Many requests that were sent together, of which the last one asks for an acknowledgement. */
export interface BatchExchange extends Pick<Exchange, 'action' | 'receive' | 'passOn'> {
  readonly sequences: readonly number[]
}

/**
 * Reads what the kernel says to requests that were sent together, up to the acknowledgement of the last.
 *
 * @returns for each request why it was refused; undefined for what was done
 * @throws {KernelError} `ENOBUFS` when an answer is lost
 */
export function collectRefusals({ action, sequences, receive, passOn }: BatchExchange): (KernelError | undefined)[] {
  const places = new Map(sequences.map((sequence, place) => [sequence, place]))
  const refusals: (KernelError | undefined)[] = sequences.map(() => undefined)
  for (;;) {
    const frames = receive()
    if (frames === undefined) throw new KernelError(action, 'ENOBUFS')
    let done = false
    for (const frame of frames) {
      const place = places.get(frame.sequence)
      if (place === undefined) passOn(frame)
      else if (frame.type === NLMSG_ERROR) {
        refusals[place] = refusalOf(action, frame)
        done ||= place === sequences.length - 1
      }
    }
    if (done) return refusals
  }
}

/** @throws {KernelError} the first refusal that is none of `expected` */
export function throwUnless(refusals: readonly (KernelError | undefined)[], ...expected: string[]): void {
  const bad = refusals.find((refusal) => refusal !== undefined && !isErrno(refusal, ...expected))
  if (bad !== undefined) throw bad
}

function throwIfRefused(action: string, frame: Frame): void {
  const refusal = refusalOf(action, frame)
  if (refusal !== undefined) throw refusal
}

function refusalOf(action: string, frame: Frame): KernelError | undefined {
  const { errno, message, missingType } = decodeAcknowledgement(frame)
  if (errno === 0) return undefined
  const missing = missingType === undefined ? undefined : `attribute ${missingType} is missing`
  return new KernelError(action, errnoName(errno), message ?? missing)
}
