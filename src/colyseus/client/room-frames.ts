import { ScriptError } from '../../errors.ts'
import type { GameDefinition } from '../game/define-game.ts'
import { ColumnsDecoder } from '../sync/columns-decoder.ts'
import { type Hello, readHello } from '../sync/hello.ts'
import { InputsDecoder } from '../sync/inputs-decoder.ts'
import type { InputsFrame } from '../sync/sync.ts'
import { checkHello } from './check-hello.ts'
import { ColumnsState } from './columns-state.ts'
import type { InputReport } from './lead.ts'

/** Frames of `inputs()` that may wait: a page in the background takes none. After more of them it needs a full state. */
const MAX_WAITING = 4096

interface Iterator {
  offset: number
}

/**
 * Reads the frames of a room, in the place where the SDK has its serializers: it makes one for each room. The first frames may come before anyone
 * listens, so it keeps what they say.
 *
 * What a server sends is checked whole before any of it holds. After a frame that cannot be read, no other is: they say what changed since.
 */
export class RoomFrames {
  /** What the room said of itself when the client joined. */
  hello: Hello | undefined
  state: ColumnsState | undefined
  report: InputReport = { waiting: 0, missed: 0 }
  /** The frames of `inputs()` that were not taken yet. */
  readonly inputs: InputsFrame[] = []
  /** Whether frames of `inputs()` were dropped, until a full state comes. */
  isBehind = false
  /** The first error; nothing is read after it. */
  error: ScriptError | undefined
  /** Called after each frame, and after an error. */
  onFrame: () => void = () => undefined
  /** The SDK asks whether there is one, and gives it listeners that have nothing to listen to. */
  decoder: object = {}
  #columns: ColumnsDecoder | undefined
  readonly #inputs = new InputsDecoder()

  /** Whether a frame was read. */
  get hasState(): boolean {
    return this.inputs.length > 0 || (this.state !== undefined && this.state.tick >= 0)
  }

  /** Returns what the room said of itself, if the game can follow it; else the error, and no frame is read. */
  accept(game: GameDefinition): Hello | ScriptError {
    this.#read(() => {
      if (this.hello === undefined) throw new ScriptError('StateRejected', 'the server did not describe its room')
      checkHello(this.hello, game)
    })
    return this.error ?? (this.hello as Hello)
  }

  handshake(bytes: Uint8Array, iterator: Iterator): void {
    this.#read(() => {
      this.hello = readHello(bytes.subarray(iterator.offset))
      const { sync } = this.hello
      if (sync.kind === 'inputs') return
      this.#columns = new ColumnsDecoder(sync)
      this.state = new ColumnsState(sync)
    })
    iterator.offset = bytes.length
  }

  setState(bytes: Uint8Array, iterator: Iterator): void {
    this.#take(bytes, iterator)
  }

  patch(bytes: Uint8Array, iterator: Iterator): void {
    this.#take(bytes, iterator)
  }

  getState(): RoomFrames | undefined {
    return this.hello && this
  }

  teardown(): void {
    this.onFrame = () => undefined
  }

  #take(bytes: Uint8Array, iterator: Iterator): void {
    this.#read(() => {
      const frame = bytes.subarray(iterator.offset)
      if (this.hello === undefined) throw new ScriptError('StateRejected', 'the server sent a frame before it described its room')
      if (this.#columns === undefined || this.state === undefined) {
        const read = this.#inputs.read(frame)
        this.report = read
        if (read.kind === 'full') this.isBehind = false
        else if (this.inputs.length >= MAX_WAITING) this.isBehind = true
        if (read.kind === 'full' || this.isBehind) this.inputs.length = 0
        if (!this.isBehind) this.inputs.push(read)
        return
      }
      const read = this.#columns.read(frame)
      this.state.take(read, this.#columns)
      this.report = read
    })
  }

  /** Reads something. An error is kept: the SDK calls this where nothing would catch it. */
  #read(read: () => void): void {
    if (this.error !== undefined) return
    try {
      read()
    } catch (cause) {
      this.error = cause instanceof ScriptError ? cause : new ScriptError('StateRejected', 'the server sent what cannot be read', { cause })
    }
    this.onFrame()
  }
}
