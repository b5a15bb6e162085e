import * as v from 'valibot'
import { History, type Mods, ScriptError, WasmScriptRuntime } from '../index.ts'
import { anything, boolean, callable, checkOptions } from '../options.ts'
import { Debugger } from './debug/debugger.ts'
import type { OpenSource, SourcePlace } from './elements/source-place.ts'
import type { Inset } from './panel/inset.ts'
import type { TimeControls } from './time/time-controls.ts'

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
  /**
   * Opens a place in an editor, such as that of a fault. @default none: the inspector shows places, and offers no button to open them
   */
  readonly openSource?: (place: SourcePlace) => void
  /** The debugger, if the game shares it with an editor. The game must dispose of it. @default one of the inspector's own */
  readonly debugger?: Debugger
  /**
   * Returns the entity that is drawn at a place of the page, in CSS pixels as a mouse event has them (`clientX`, `clientY`); `undefined` if there is none.
   * @default none: no entity is picked by a click in the game
   */
  readonly pick?: (x: number, y: number) => number | undefined
  /**
   * Marks the entity that is looked at in the drawing of the game, in the place of the one before; `undefined` marks none. Called when another is looked at,
   * and not again when it moves. @default none
   */
  readonly mark?: (entity: number | undefined) => void
  /**
   * Makes room for the panel: called with what it covers when it is opened, moved, resized and closed, so that the game can be as much smaller.
   * @default none: the panel lies over the game
   */
  readonly inset?: (inset: Inset) => void
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
  readonly openSource: OpenSource | undefined
  readonly debugger: Debugger | undefined
  readonly pick: ((x: number, y: number) => number | undefined) | undefined
  readonly mark: ((entity: number | undefined) => void) | undefined
  readonly inset: ((inset: Inset) => void) | undefined
  readonly open: boolean
}

const inspectorOptions = v.strictObject(
  {
    parent: anything,
    controls: anything,
    history: anything,
    mods: anything,
    openSource: v.optional(callable<OpenSource>()),
    debugger: anything,
    pick: v.optional(callable()),
    mark: v.optional(callable()),
    inset: v.optional(callable()),
    open: v.optional(boolean),
  },
  'an object of options',
)

/** Checks the options and fills in the defaults. Throws `InvalidOptions`. */
export function resolveOptions(runtime: WasmScriptRuntime, options: InspectorOptions): ResolvedOptions {
  checkOptions(inspectorOptions, options, 'mountInspector')
  const { parent = document.body, controls, history, mods, openSource, debugger: shared, pick, mark, inset, open = false } = options
  check(runtime instanceof WasmScriptRuntime, 'mountInspector needs a runtime made by WasmScriptRuntime.create()')
  check((parent as unknown) !== null, 'the document has no body yet: mount the inspector later, or pass a parent')
  check(parent instanceof HTMLElement, 'parent must be an element of the page')
  check(controls === undefined || isControls(controls), 'controls must have paused (true or false), speed (a number) and step (a function)')
  check(history === undefined || history instanceof History, 'history must be a History of this runtime')
  check(mods === undefined || typeof (mods as Partial<Mods>).list === 'function', 'mods must be the Mods of this runtime')
  check(shared === undefined || shared instanceof Debugger, 'debugger must be a Debugger of this runtime')
  return { parent, controls, history, mods, openSource, debugger: shared, pick, mark, inset, open }
}

function isControls(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { paused, speed, step } = value as Partial<TimeControls>
  return typeof paused === 'boolean' && typeof speed === 'number' && typeof step === 'function'
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new ScriptError('InvalidOptions', otherwise)
}
