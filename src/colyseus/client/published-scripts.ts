import * as v from 'valibot'
import { ScriptError } from '../../errors.ts'
import { type PreparedScript, prepare, type ReloadReport } from '../../index.ts'
import { nonEmptyString, wholeNumber } from '../../options.ts'
import type { GameDefinition } from '../game/define-game.ts'
import { hashOf } from '../game/hash-of.ts'
import type { RunningGame } from '../game/start-game.ts'
import type { PublishedCode, ScriptNotice } from '../sync/room-messages.ts'
import type { PredictedFields } from './predicted-fields.ts'

const MAX_WAITING = 64

const notice: v.GenericSchema<unknown, ScriptNotice> = v.object({
  kind: v.picklist(['reload', 'revert']),
  script: nonEmptyString,
  sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  tick: wholeNumber(0),
  bytes: v.instance(Uint8Array),
})
const notices = v.array(notice)
const publishedCode: v.GenericSchema<unknown, PublishedCode> = v.object({ present: notices, announced: notices })

/** A notice whose tick has not come. */
interface Waiting extends ScriptNotice {
  /** The code, compiled meanwhile, so that the game waits for less; nothing if the script runs it. */
  readonly prepared: Promise<PreparedScript> | undefined
}

/** Scripts that were published while the game runs: each is reloaded between the same two ticks as on the server. */
export class PublishedScripts {
  readonly #game: RunningGame
  readonly #fields: PredictedFields
  readonly #report: (outcome: ReloadReport | ScriptError) => void
  /** The code of each script in the definition of the game, as the server would announce it. */
  readonly #defined: readonly ScriptNotice[]
  /** The hash of the code that each script runs. */
  readonly #present: Map<string, string>
  #waiting: Waiting[] = []
  #isReloading = false

  constructor(
    game: RunningGame,
    { scripts }: GameDefinition,
    fields: PredictedFields,
    report: (outcome: ReloadReport | ScriptError) => void,
  ) {
    this.#game = game
    this.#fields = fields
    this.#report = report
    this.#defined = scripts.map(({ name, bytes }) => ({ kind: 'revert', script: name, sha256: hashOf(bytes), tick: 0, bytes }))
    this.#present = new Map(this.#defined.map(({ script, sha256 }) => [script, sha256]))
  }

  /** The last tick that may run now: the next reload comes after it. */
  get last(): number {
    if (this.#isReloading) return -1
    return this.#waiting[0]?.tick ?? Number.POSITIVE_INFINITY
  }

  /** Takes what the server says of a script. Throws `StateRejected` or `HashMismatch` for what no server of ours says. */
  take(message: unknown): void {
    const given = read(notice, message)
    // What was taken back before its tick came never runs.
    if (given.kind === 'revert') this.#waiting = this.#waiting.filter(({ script }) => script !== given.script)
    this.#add([given])
  }

  /** Takes which scripts run a code that was published: all others run that of the game. Throws as {@link take} does. */
  takeAll(message: unknown): void {
    const { present, announced } = read(publishedCode, message)
    const names = new Set(present.map(({ script }) => script))
    this.#waiting = []
    this.#add([...present, ...announced])
    this.#wait(this.#defined.filter(({ script }) => !names.has(script)))
  }

  /** Begins the next reload if the game is at its tick. */
  begin(tick: number): void {
    this.#skip()
    const [next] = this.#waiting
    if (next === undefined || this.#isReloading || next.tick > tick) return
    this.#waiting.shift()
    this.#isReloading = true
    void this.#reload(next).then((outcome) => {
      this.#isReloading = false
      if (outcome !== undefined) this.#report(outcome)
    })
  }

  #add(given: readonly ScriptNotice[]): void {
    for (const { script, bytes, sha256 } of given) {
      if (hashOf(bytes) !== sha256)
        throw new ScriptError('HashMismatch', `the script '${script}' that the server published is not the one that it announced`)
    }
    if (this.#waiting.length + given.length > MAX_WAITING)
      throw new ScriptError('StateRejected', `the server published more than ${MAX_WAITING} scripts at once`)
    this.#wait(given)
  }

  #wait(given: readonly ScriptNotice[]): void {
    for (const each of given) {
      const prepared = this.#runs(each) ? undefined : prepare(each.bytes)
      // It is told when the script is reloaded.
      prepared?.catch(() => undefined)
      this.#waiting.push({ ...each, prepared })
    }
    this.#waiting.sort((one, other) => one.tick - other.tick)
    this.#skip()
  }

  /** Drops notices of code that runs already: the game need not wait for their ticks. */
  #skip(): void {
    while (!this.#isReloading && this.#waiting[0] !== undefined && this.#runs(this.#waiting[0])) this.#waiting.shift()
  }

  /** Whether a script runs a code, or this client does not have the script. */
  #runs({ script, sha256 }: ScriptNotice): boolean {
    return this.#present.get(script) === sha256 || this.#game.runtime.find(script) === undefined
  }

  async #reload({ script, sha256, bytes, prepared }: Waiting): Promise<ReloadReport | ScriptError | undefined> {
    const { runtime } = this.#game
    const found = runtime.find(script)
    if (found === undefined) return undefined
    try {
      const source = await (prepared ?? prepare(bytes))
      const report = await runtime.reloadModule(found.id, source, { preserve: 'auto' })
      this.#present.set(script, sha256)
      this.#fields.take(script, source.module)
      return report
    } catch (error) {
      return error instanceof ScriptError
        ? error
        : new ScriptError('LoadFailed', `the script '${script}' could not be reloaded`, { cause: error })
    }
  }
}

function read<Value>(schema: v.GenericSchema<unknown, Value>, message: unknown): Value {
  const { success, issues, output } = v.safeParse(schema, message)
  if (!success) throw new ScriptError('StateRejected', `the server said of a script what it cannot: ${issues[0].message}`)
  return output
}
