import * as v from 'valibot'
import type { ComponentsSchema, LogLine, WasmScriptRuntime } from '../../index.ts'
import { anything, callable, checkOptions, invalidOption, isRecord, nonEmptyString } from '../../options.ts'
import type { GameDefinition } from '../game/define-game.ts'
import type { Input } from './prediction.ts'
import type { PredictedScripts } from './replica.ts'

/** Applies an input to the entity of a seat, before the tick: what `onInput` of the room does. */
export type InputFunction = (runtime: WasmScriptRuntime, entity: number, input: Input) => void

/** Options of `connectScripts`. */
export interface ClientOptions<Schema extends ComponentsSchema = ComponentsSchema> {
  /** The game of the room, of the same version. */
  readonly game: GameDefinition<Schema>
  /**
   * The scripts that run on this client, ahead of the server: a list for the entity of the own seat, or also a list for all others. Those keep
   * their state in components that the room sends; `bitscript check --net` warns of others.
   * @default []; everything is shown as the server sends it
   */
  readonly predict?: readonly string[] | Partial<PredictedScripts>
  /**
   * Applies an input to the entity of the own seat: the same as `onInput` of the room, if that is not the default.
   * @default emits the event `input` with the entity and the numbers of the input
   */
  readonly onInput?: InputFunction
  /** Names the seat: who comes back with it gets the seat again. Keep it secret. @default a random one */
  readonly ticket?: string
  /** What the room's `onJoin` gets beside the version and the ticket: JSON. */
  readonly join?: Readonly<Record<string, unknown>>
  /** Milliseconds by which entities that are not predicted are shown later than they came, so that there is a frame to go to. @default two patches */
  readonly delay?: number
  /** Milliseconds over which a correction of the own entity is smoothed. 0 shows it at once. @default 100 */
  readonly smooth?: number
  /** Milliseconds for which a lost connection is tried again. @default 10_000 */
  readonly patience?: number
  /** Called with every line that scripts log on this client. */
  readonly onLog?: (line: LogLine) => void
}

/** Returns the id that an entity of the client has on the server: `of` is set once it is known. */
export interface Identity {
  of: (entity: number) => number
}

/** {@link ClientOptions}, complete. */
export interface ResolvedClientOptions {
  readonly game: GameDefinition
  readonly predict: PredictedScripts
  readonly onInput: InputFunction
  /** Whether `onInput` is a function of the game. */
  readonly isInputOwn: boolean
  readonly ticket: string
  readonly join: Readonly<Record<string, unknown>>
  readonly delay: number | undefined
  readonly smooth: number
  readonly patience: number
  readonly onLog: ((line: LogLine) => void) | undefined
  readonly identity: Identity
}

const milliseconds = v.custom<number>((value) => typeof value === 'number' && value >= 0, 'a number of milliseconds')
const names = v.array(v.string(), 'a list of names of scripts')
const clientOptions = v.strictObject(
  {
    game: v.custom<GameDefinition>((value) => isRecord(value) && typeof value.version === 'string', 'what defineGame() returned'),
    predict: v.optional(
      v.union([names, v.strictObject({ own: v.optional(names), others: v.optional(names) })], 'a list of names, or { own, others }'),
    ),
    onInput: v.optional(callable<InputFunction>()),
    ticket: v.optional(nonEmptyString),
    join: v.optional(v.custom<object>(isRecord, 'an object')),
    delay: v.optional(milliseconds),
    smooth: v.optional(milliseconds),
    patience: v.optional(milliseconds),
    onLog: v.optional(anything),
  },
  'an object with at least { game }',
)

/** Completes and checks options. Throws `InvalidOptions`. */
export function resolveClientOptions(options: ClientOptions): ResolvedClientOptions {
  checkOptions(clientOptions, options, 'connectScripts')
  const {
    game,
    predict = [],
    onInput = emitInput,
    ticket = randomTicket(),
    join = {},
    delay,
    smooth = 100,
    patience = 10_000,
    onLog,
  } = options
  const { own = [], others = [] } = Array.isArray(predict) ? { own: predict as readonly string[] } : (predict as Partial<PredictedScripts>)
  for (const name of [...own, ...others]) {
    if (!game.scripts.some((script) => script.name === name)) {
      invalidOption(`the game has no script '${name}' to predict; it has ${game.scripts.map((script) => script.name).join(', ')}`)
    }
  }
  return Object.freeze({
    game,
    predict: Object.freeze({ own, others }),
    onInput,
    isInputOwn: options.onInput !== undefined,
    ticket,
    join,
    delay,
    smooth,
    patience,
    onLog,
    identity: { of: (entity: number) => entity },
  })
}

function emitInput(runtime: WasmScriptRuntime, entity: number, input: Input): void {
  runtime.emit('input', entity, ...Object.values(input))
}

function randomTicket(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
