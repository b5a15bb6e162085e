import * as v from 'valibot'
import { History, type Mods, ScriptError, WasmScriptRuntime } from '../index.ts'
import { anything, boolean, checkOptions } from '../options.ts'

/**
 * Lets the inspector control the time of a game. The game's loop implements it; the fields may be accessors.
 *
 * @example
 * const controls: TimeControls = { paused: false, speed: 1, step: () => runtime.tick(1 / 60) }
 * setInterval(() => controls.paused || runtime.tick(controls.speed / 60), 1000 / 60)
 */
export interface TimeControls {
  /** Whether the game is paused. While it is `true`, the loop must not run ticks. */
  paused: boolean
  /** The speed of the game, as a multiple of real time. */
  speed: number
  /** Runs one tick. Called while the game is paused. */
  step(): void
}

/** Options of {@link mountInspector}. */
export interface InspectorOptions {
  /** The element to add the inspector to. The inspector covers the page wherever that element is. @default document.body */
  readonly parent?: HTMLElement
  /** The controls of the game's time, for pause, step and speed. @default none: the inspector offers none of these */
  readonly controls?: TimeControls
  /**
   * The history to rewind through. The game must dispose of it.
   * @default a history of the inspector's own, made when rewinding is switched on, which records while the inspector is open
   */
  readonly history?: History
  /** The mods of the game, which the inspector lists, enables and disables. @default none: the inspector has no tab of mods */
  readonly mods?: Mods
  /** Whether the panel is open at first. @default false */
  readonly open?: boolean
}

/** An inspector in a page, as `mountInspector` returns it. */
export interface Inspector {
  /** Whether the panel is open. */
  readonly isOpen: boolean
  /** Opens the panel. Does nothing if it is open. */
  open(): void
  /** Closes the panel. The button that opens it remains. A closed inspector takes no time of the game. */
  close(): void
  /** Opens a closed panel, and closes an open one. */
  toggle(): void
  /** Removes the inspector from the page, and its listeners from the runtime. Further calls do nothing. */
  dispose(): void
}

/** The options, complete. */
export interface ResolvedOptions {
  readonly parent: HTMLElement
  readonly controls: TimeControls | undefined
  readonly history: History | undefined
  readonly mods: Mods | undefined
  readonly open: boolean
}

const inspectorOptions = v.strictObject(
  {
    parent: anything,
    controls: anything,
    history: anything,
    mods: anything,
    open: v.optional(boolean),
  },
  'an object of options',
)

/** Checks the options and fills in the defaults. Throws `InvalidOptions`. */
export function resolveOptions(runtime: WasmScriptRuntime, options: InspectorOptions): ResolvedOptions {
  checkOptions(inspectorOptions, options, 'mountInspector')
  const { parent = document.body, controls, history, mods, open = false } = options
  check(runtime instanceof WasmScriptRuntime, 'mountInspector needs a runtime made by WasmScriptRuntime.create()')
  check((parent as unknown) !== null, 'the document has no body yet: mount the inspector later, or pass a parent')
  check(parent instanceof HTMLElement, 'parent must be an element of the page')
  check(controls === undefined || isControls(controls), 'controls must have paused (true or false), speed (a number) and step (a function)')
  check(history === undefined || history instanceof History, 'history must be a History of this runtime')
  check(mods === undefined || typeof (mods as Partial<Mods>).list === 'function', 'mods must be the Mods of this runtime')
  return { parent, controls, history, mods, open }
}

function isControls(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { paused, speed, step } = value as Partial<TimeControls>
  return typeof paused === 'boolean' && typeof speed === 'number' && typeof step === 'function'
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new ScriptError('InvalidOptions', otherwise)
}
