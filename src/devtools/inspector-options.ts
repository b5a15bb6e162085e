import * as v from 'valibot'
import { History, ScriptError, WasmScriptRuntime } from '../index.ts'
import { boolean, checkOptions } from '../options.ts'

/** How the inspector drives the time of a game. The game's own loop implements it; the fields may be accessors. */
export interface TimeControls {
  /** While `true` the loop makes no ticks. */
  paused: boolean
  /** How fast the game goes, in times of real time. */
  speed: number
  /** Makes one tick. Called while the game is paused. */
  step(): void
}

export interface InspectorOptions {
  /** What the inspector is put into. It lies over the page wherever that is. @default document.body */
  readonly parent?: HTMLElement
  /** Left out: pause, step and speed are not offered. */
  readonly controls?: TimeControls
  /**
   * What to rewind through; it stays the game's to dispose of. Left out: the inspector makes one of its own when rewinding is
   * switched on, which records while the inspector is open, and disposes of it.
   */
  readonly history?: History
  /** Whether it is open at first. @default false */
  readonly open?: boolean
}

/** An inspector in a page. */
export interface Inspector {
  readonly isOpen: boolean
  open(): void
  /** Closes the panel; the button that opens it stays. What is closed costs nothing. */
  close(): void
  toggle(): void
  /** Takes everything out of the page and off the runtime. May be called again. */
  dispose(): void
}

export interface ResolvedOptions {
  readonly parent: HTMLElement
  readonly controls: TimeControls | undefined
  readonly history: History | undefined
  readonly open: boolean
}

const inspectorOptions = v.strictObject(
  {
    parent: v.optional(v.unknown()),
    controls: v.optional(v.unknown()),
    history: v.optional(v.unknown()),
    open: v.optional(boolean),
  },
  'an object of options',
)

/** Throws `InvalidOptions`. */
export function resolveOptions(runtime: WasmScriptRuntime, options: InspectorOptions): ResolvedOptions {
  checkOptions(inspectorOptions, options, 'mountInspector')
  const { parent = document.body, controls, history, open = false } = options
  check(runtime instanceof WasmScriptRuntime, 'mountInspector needs a runtime made by WasmScriptRuntime.create()')
  check((parent as unknown) !== null, 'the document has no body yet: mount the inspector later, or give a parent')
  check(parent instanceof HTMLElement, 'parent must be an element of the page')
  check(controls === undefined || isControls(controls), 'controls must have paused (true or false), speed (a number) and step (a function)')
  check(history === undefined || history instanceof History, 'history must be a History of this runtime')
  return { parent, controls, history, open }
}

function isControls(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { paused, speed, step } = value as Partial<TimeControls>
  return typeof paused === 'boolean' && typeof speed === 'number' && typeof step === 'function'
}

function check(holds: boolean, otherwise: string): void {
  if (!holds) throw new ScriptError('InvalidOptions', otherwise)
}
