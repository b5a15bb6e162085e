import { element } from '../elements/element.ts'
import { messageOf } from '../elements/format-number.ts'

/** How the inspector and the drawing of a game find each other's entities. */
export interface Drawing {
  readonly pick: ((x: number, y: number) => number | undefined) | undefined
  readonly mark: ((entity: number | undefined) => void) | undefined
}

/** Marks entities in the game, and picks one by a click. */
export interface Picker {
  /** Covers the game while an entity is being picked. */
  readonly cover: HTMLElement
  readonly canPick: boolean
  readonly isPicking: boolean
  /** Lets the next click in the game pick an entity. */
  start(): void
  /** Picks nothing. */
  stop(): void
  /** Marks an entity, or none. Does nothing if it is marked. */
  mark(entity: number | undefined): void
}

/** The callbacks of a {@link Picker}. */
export interface PickerParts {
  /** Called with what is under the pointer at a click. */
  readonly onPick: (entity: number | undefined) => void
  /** Called when picking begins and ends. */
  readonly onChange: () => void
  /** Called with the message of what the game threw; `''` for nothing. */
  readonly onProblem: (message: string) => void
}

/** Creates a picker. While it picks, what is under the pointer is marked. */
export function createPicker({ pick, mark }: Drawing, { onPick, onChange, onProblem }: PickerParts): Picker {
  const cover = element('div', { class: 'cover', hidden: true })
  let marked: number | undefined
  let selected: number | undefined

  /** Calls code of the game: what it throws is shown. */
  function attempt<Result>(call: () => Result): Result | undefined {
    try {
      const result = call()
      onProblem('')
      return result
    } catch (error) {
      onProblem(messageOf(error))
      return undefined
    }
  }
  const at = ({ clientX, clientY }: MouseEvent): number | undefined => attempt(() => pick?.(clientX, clientY))

  function show(entity: number | undefined): void {
    if (entity === marked) return
    marked = entity
    attempt(() => mark?.(entity))
  }

  function stop(): void {
    if (cover.hidden) return
    cover.hidden = true
    show(selected)
    onChange()
  }

  cover.addEventListener('pointermove', (event) => show(at(event)))
  for (const name of ['pointerdown', 'mousedown', 'touchstart'] as const) {
    // The game must not take it for a shot.
    cover.addEventListener(name, (event) => event.stopPropagation(), { passive: true })
  }
  cover.addEventListener('click', (event) => {
    event.stopPropagation()
    const entity = at(event)
    selected = entity ?? selected
    stop()
    onPick(entity)
  })
  return {
    cover,
    canPick: pick !== undefined,
    get isPicking() {
      return !cover.hidden
    },
    start() {
      cover.hidden = false
      onChange()
    },
    stop,
    mark(entity) {
      selected = entity
      if (cover.hidden) show(entity)
    },
  }
}
