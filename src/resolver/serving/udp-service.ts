import { DatagramBatch, notSent } from '../../kernel/sockets/datagrams.ts'
import { sendDatagramTo } from '../../kernel/sockets/sockets.ts'
import { writeRefusal } from '../../wire/dns/answer.ts'
import { parseQuery, type Query } from '../../wire/dns/query.ts'
import type { Answering } from './responder.ts'

const slots = 64
const slotBytes = 4096
/** Batches that one socket may have before the others get their turn. */
const batchesPerTurn = 4

/** Answers what comes over UDP. All containers share its buffers: it works on one socket at a time. */
export class UdpService {
  readonly #batch = new DatagramBatch({ slots, slotBytes })
  readonly #lengths = new Int32Array(slots)

  /** Takes what waits on a socket, and answers it; what must be forwarded is answered later, while `isOpen` says so. */
  serve(fd: number, responder: Answering, isOpen: () => boolean): void {
    for (let i = 0; i < batchesPerTurn; i++) {
      const count = this.#batch.receive(fd)
      for (let slot = 0; slot < count; slot++) this.#lengths[slot] = this.#answer(slot, fd, responder, isOpen)
      if (count > 0) this.#batch.reply(fd, this.#lengths, count)
      if (count < slots) break
    }
  }

  /** Bytes to send back from this slot; `notSent`: nothing now. */
  #answer(slot: number, fd: number, responder: Answering, isOpen: () => boolean): number {
    const bytes = this.#batch.slots[slot]!
    const query = parseQuery(bytes, this.#batch.length(slot))
    if (query === undefined) return notSent
    if (typeof query === 'number') return writeRefusal(bytes, query)
    const limit = Math.min(query.sizeLimit, slotBytes)
    const length = responder.answer(bytes, query, limit)
    if (length > 0) return length
    this.#forward(slot, query, limit, fd, responder, isOpen)
    return notSent
  }

  #forward(slot: number, query: Query, limit: number, fd: number, responder: Answering, isOpen: () => boolean): void {
    const { name } = this.#batch.peer(slot)
    const message = Buffer.from(this.#batch.slots[slot]!.subarray(0, query.questionEnd))
    responder.forward(message, query, limit, (answer) => {
      if (isOpen()) sendDatagramTo(fd, answer, name)
    })
  }
}
