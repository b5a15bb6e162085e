import type { GuestKind, ScriptSource } from 'bitscript'

/** A program of a guest, or what makes it; {@link Refused} for one that the guest cannot have. */
export type Program = ScriptSource | Promise<ScriptSource> | (() => Promise<ScriptSource>) | Refused

/** A program that this kind of guest cannot have, and what `loadModule` says of it. The cases that need the program test only that. */
export class Refused {
  readonly source: ScriptSource | Promise<ScriptSource>
  readonly sentence: string

  constructor(source: ScriptSource | Promise<ScriptSource>, sentence: string) {
    this.source = source
    this.sentence = sentence
  }
}

/** What a kind of guest may be unable to do. */
export type Ability = 'snapshot' | 'perEntity' | 'carry'

/** A kind of guest, as the suite tests it. */
export interface TestedGuest {
  readonly kind: GuestKind
  readonly programs: Programs
  /** What it cannot do, each with a part of the message that says so. @default nothing */
  readonly cannot?: Partial<Readonly<Record<Ability, string>>>
  /** What `callBytes` passes to `echo`: any bytes, or those of a text. @default 'any' */
  readonly bytes?: 'any' | 'text'
  /** What the refusal of {@link Programs.misspelt} suggests. @default 'did you mean 'Position.x'?' */
  readonly misspelt?: string
}

/**
 * Small programs of one kind, by what they do. Each does nothing else. What an export gives is read with `callJson`; `count` gives a
 * number.
 */
export interface Programs {
  /** `tick` adds `step`, `count` gives the sum, `get_state` and `set_state` pass it on. The event `boom` traps. */
  counter(step: number): Program
  /** `tick` adds `step` and `count` gives the sum, which `init` sets to 100. No export passes it on. */
  keeper(step: number): Program
  /** A counter whose `set_state` traps, or whose `get_state`. */
  counterWithout(what: 'set_state' | 'get_state'): Program
  /** Ends by `unreachable` in one export; in the start function for `start`. */
  trapsIn(name: 'start' | 'init' | 'tick' | 'update' | 'on_attach' | 'on_detach' | 'on_boom'): Program
  /** Never ends: in `tick`, or in the start function. */
  spinsIn(name: 'tick' | 'start'): Program
  /** `tick` reads `Position.x` of the entity 5000. */
  readonly strays: Program
  /** `update` adds `dt` to `Position.x`. */
  readonly mover: Program
  /** `update` sets `Position.x` to the next of `host.random`. */
  readonly wanderer: Program
  /** `update` ends by `unreachable` where `Health.points` is negative, else it adds 1 to them. */
  readonly picky: Program
  /** `update` adds 1 to a variable of its own and sets `Health.points` to it. */
  readonly perEntity: Program
  /** Logs `tick`, `update`, `attach`, `detach` and `ping` when it is called for these. */
  readonly diary: Program
  /** `born`, which takes an entity, adds 1 and `each` adds 10. `count` gives the sum. */
  readonly scheduled: Program
  /** `tick` logs `hello` five times. */
  readonly logger: Program
  /** `tick` spawns five entities. */
  readonly spawner: Program
  /** `tick` emits `hit` with 3 and 5. */
  readonly emitter: Program
  /** Hears `hit` with two digits. `count` gives both as one number. */
  readonly receiver: Program
  /** `tick` calls the host function `test.note` with 7. */
  readonly hosted: Program
  /** `echo` gives back its input; `outer` does so after it called `test.note`. */
  readonly reentrant: Program
  /**
   * `echo` gives back its input, `half` gives the text `{`, `boom` ends by `unreachable`, `spin` never ends, `recurse` calls itself
   * for ever, `count` gives 1.
   */
  readonly caller: Program
  /** `init` keeps the config, `config` gives it. */
  readonly configured: Program
  /** `get_metadata` gives the text. */
  metadata(json: string): Program
  /** Spawns an entity in `init`, sets `Position.x` of the entity 5 to 9, emits `hit`, and traps. */
  readonly hostile: Program
  /** `grow` grows its memory by a page, and gives the size before it plus 1; 0 if it may not grow. */
  readonly grower: Program
  /** Begins with so many pages of memory. */
  large(pages: number): Program
  /** Imports `ecs.get` `Positoin.x`. */
  readonly misspelt: Program
  /** Imports `ecs.get` `Position.x` as an i32. */
  readonly mistyped: Program
  /** Bytes of this kind that are no valid module. */
  readonly damaged: Program
}
