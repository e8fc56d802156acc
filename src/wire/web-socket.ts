import { createHash } from 'node:crypto'

/**
 * The frames of web sockets, as a server writes and reads them:
 *
 * ```
 *   | FIN 1, reserved 3, opcode 4 | MASK 1, length 7 | 16 or 64 more bits of length | mask, 4 bytes | contents |
 * ```
 *
 * @source RFC 6455 §5.2
 */
const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const

/** What a frame is for. */
export type WebSocketFrame = keyof typeof opcodes

const names = new Map<number, WebSocketFrame>(
  Object.entries(opcodes).map(([name, code]) => [code, name as WebSocketFrame]),
)
/** @source RFC 6455 §1.3 */
const handshakeId = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** Of close, ping and pong. @source RFC 6455 §5.5 */
const longestControl = 125

/** The answer to a client's `Sec-WebSocket-Key`. @source RFC 6455 §4.2.2 */
export function webSocketAccept(key: string): string {
  return createHash('sha1')
    .update(key + handshakeId)
    .digest('base64')
}

/** The bytes that go before the contents of a whole message: a server masks nothing. */
export function webSocketHeader(frame: WebSocketFrame, length: number): Buffer {
  const first = 0x80 | opcodes[frame]
  if (length <= longestControl) return Buffer.of(first, length)
  if (length <= 0xffff) return Buffer.of(first, 126, length >> 8, length & 0xff)
  const header = Buffer.alloc(10)
  header[0] = first
  header[1] = 127
  header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

/** Who is told what a client sends. */
export interface WebSocketSink {
  /** Bytes of a message, as they come. */
  data(bytes: Buffer): void
  control(frame: 'close' | 'ping' | 'pong', contents: Buffer): void
}

/** Reads what a client sends, in pieces of any size. Of a message nothing is kept, of a control frame 125 bytes. */
export class WebSocketParser {
  readonly #sink: WebSocketSink
  #header: Buffer = Buffer.of()
  #frame: WebSocketFrame = 'continuation'
  #mask: Buffer = Buffer.of()
  #left = 0
  #passed = 0
  #control: Buffer[] = []

  constructor(sink: WebSocketSink) {
    this.#sink = sink
  }

  /** @throws {RangeError} for what no client may send */
  write(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) rest = this.#left > 0 ? this.#contents(rest) : this.#readHeader(rest)
  }

  #readHeader(chunk: Buffer): Buffer {
    const before = this.#header.length
    const bytes = Buffer.concat([this.#header, chunk.subarray(0, 14 - before)])
    const size = headerSize(bytes)
    if (size === undefined || bytes.length < size) {
      this.#header = bytes
      return chunk.subarray(bytes.length - before)
    }
    this.#header = Buffer.of()
    this.#begin(bytes.subarray(0, size))
    return chunk.subarray(size - before)
  }

  #begin(header: Buffer): void {
    const frame = names.get(header[0]! & 0x0f)
    const length = lengthOf(header)
    if (frame === undefined || (header[0]! & 0x70) !== 0) throw new RangeError('Cannot read a web socket: bad frame')
    if ((header[1]! & 0x80) === 0) throw new RangeError('Cannot read a web socket: a client must mask its frames')
    if (isControl(frame) && (length > longestControl || header[0]! < 0x80)) {
      throw new RangeError('Cannot read a web socket: bad control frame')
    }
    this.#frame = frame
    this.#mask = Buffer.from(header.subarray(-4))
    this.#left = length
    this.#passed = 0
    this.#control = []
    if (length === 0 && isControl(frame)) this.#sink.control(frame, Buffer.of())
  }

  #contents(chunk: Buffer): Buffer {
    const bytes = Buffer.from(chunk.subarray(0, this.#left))
    for (let i = 0; i < bytes.length; i++) bytes[i]! ^= this.#mask[(this.#passed + i) & 3]!
    this.#passed += bytes.length
    this.#left -= bytes.length
    if (!isControl(this.#frame)) this.#sink.data(bytes)
    else {
      this.#control.push(bytes)
      if (this.#left === 0) this.#sink.control(this.#frame, Buffer.concat(this.#control))
    }
    return chunk.subarray(bytes.length)
  }
}

function isControl(frame: WebSocketFrame): frame is 'close' | 'ping' | 'pong' {
  return opcodes[frame] >= opcodes.close
}

/** Bytes of the header, mask included; undefined as long as that cannot be told. */
function headerSize(bytes: Buffer): number | undefined {
  const second = bytes[1]
  if (second === undefined) return undefined
  const more = { 126: 2, 127: 8 }[second & 0x7f] ?? 0
  return 2 + more + ((second & 0x80) === 0 ? 0 : 4)
}

function lengthOf(header: Buffer): number {
  const short = header[1]! & 0x7f
  if (short < 126) return short
  if (short === 126) return header.readUInt16BE(2)
  const length = header.readBigUInt64BE(2)
  if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('Cannot read a web socket: a frame is too long')
  return Number(length)
}
