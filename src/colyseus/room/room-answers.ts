import type { Client } from '@colyseus/core'
import { isRecord } from '../../options.ts'
import type { GameDefinition } from '../game/define-game.ts'
import { hashOf } from '../game/hash-of.ts'
import { changedCodes } from '../game/read-code.ts'
import type { RunningGame } from '../game/start-game.ts'
import { type PublishedCode, SCRIPTS_MESSAGE, type ScriptNotice } from '../sync/room-messages.ts'
import type { RoomLoop } from './room-loop.ts'
import type { RoomMetrics } from './room-metrics.ts'
import { isBehind } from './room-serializer.ts'

/** What answers are made from. */
export interface AnswerParts {
  /** The game as it was defined. */
  readonly game: GameDefinition
  readonly running: RunningGame
  readonly loop: RoomLoop
  readonly metrics: RoomMetrics
  readonly sendFullState: (client: Client) => void
}

/** Answers what clients ask of a room, each no more than it needs. */
export class RoomAnswers {
  readonly #parts: AnswerParts
  /** The scripts that were published, by name, of which the tick may not have come. */
  readonly #announced = new Map<string, ScriptNotice>()
  /** The clients that were told which code scripts run. */
  readonly #informed = new WeakSet<Client>()
  /** Milliseconds of the last full state that a client asked for. */
  readonly #asked = new WeakMap<Client, number>()

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** Notes that a script was published, or taken back. */
  announce(notice: ScriptNotice): void {
    if (notice.kind === 'reload') this.#announced.set(notice.script, notice)
    else this.#announced.delete(notice.script)
  }

  /** Tells a client which code scripts run that is not the game's, and which was announced. Once: it may be long. */
  inform(client: Client): void {
    const { game, running, loop } = this.#parts
    if (this.#informed.has(client)) return
    this.#informed.add(client)
    const present = [...changedCodes(running.runtime as never, game)].map(
      ([script, bytes]): ScriptNotice => ({ kind: 'reload', script, sha256: hashOf(bytes), tick: loop.tick, bytes }),
    )
    const answer: PublishedCode = { present, announced: [...this.#announced.values()].filter(({ tick }) => tick >= loop.tick) }
    client.send(SCRIPTS_MESSAGE, answer)
  }

  /** Sends a client a full state, once a second at most and not while it has not read the last one: it costs more than a patch. */
  sendFull(client: Client): void {
    const { metrics, sendFullState } = this.#parts
    const now = performance.now()
    if (now - (this.#asked.get(client) ?? Number.NEGATIVE_INFINITY) < 1000 || isBehind(client)) return
    this.#asked.set(client, now)
    metrics.resyncs++
    sendFullState(client)
  }

  /** Adds what a client says of its prediction to the metrics. Anything else is passed over. */
  countReport(report: unknown): void {
    if (!isRecord(report)) return
    const { frames, corrected } = report
    if (!(isCount(frames) && isCount(corrected) && corrected <= frames)) return
    const { metrics } = this.#parts
    metrics.clientFrames += frames
    metrics.corrections += corrected
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < 1e6
}
