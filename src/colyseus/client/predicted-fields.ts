import type { ModuleDescription } from '../../index.ts'
import type { GameDefinition } from '../game/define-game.ts'
import { prepareScript } from '../game/start-game.ts'
import type { ResolvedClientOptions } from './client-options.ts'
import type { FieldSet } from './replica.ts'

/** What a script may read or write: names of fields, such as `Position.x`, and of components with all their fields. */
type Access = ReadonlySet<string> | 'everything'

/**
 * The fields that the predicted scripts of a client may read or write. Only these are predicted: what the server alone changes, such as a score, is
 * shown as it sends it, and no change of it makes a prediction wrong.
 */
export class PredictedFields implements FieldSet {
  readonly #game: GameDefinition
  readonly #isInputOwn: boolean
  readonly #scripts: ReadonlySet<string>
  readonly #accesses = new Map<string, Access>()

  constructor({ game, predict, isInputOwn }: Pick<ResolvedClientOptions, 'game' | 'predict' | 'isInputOwn'>) {
    this.#game = game
    this.#isInputOwn = isInputOwn
    this.#scripts = new Set([...predict.own, ...predict.others])
  }

  /** Reads the code of the predicted scripts of a game. */
  static async read(options: ResolvedClientOptions): Promise<PredictedFields> {
    const fields = new PredictedFields(options)
    for (const script of options.game.scripts) fields.take(script.name, (await prepareScript(script)).module)
    return fields
  }

  /** Takes which code a script runs from now on. */
  take(script: string, module: ModuleDescription): void {
    if (this.#scripts.has(script)) this.#accesses.set(script, this.#accessOf(script, module))
  }

  has(component: string, field: string): boolean {
    // A function of the game may write any field.
    if (this.#isInputOwn) return true
    for (const access of this.#accesses.values()) {
      if (access === 'everything' || access.has(component) || access.has(`${component}.${field}`)) return true
    }
    return false
  }

  #accessOf(script: string, { guest, imports }: ModuleDescription): Access {
    const { actor, hooks } = this.#game.scripts.find(({ name }) => name === script)?.options ?? {}
    if (guest !== 'script' || actor !== undefined || hooks !== undefined) return 'everything'
    const { host } = this.#game
    if (imports.some(({ module = '' }) => module in host)) return 'everything'
    const reached = imports.filter(({ module = '' }) => ['ecs.get', 'ecs.set', 'ecs.add', 'ecs.remove'].includes(module))
    return new Set(reached.map(({ name }) => name))
  }
}
