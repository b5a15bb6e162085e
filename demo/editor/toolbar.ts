import { button, element } from './dom.ts'

/** What the buttons do. */
export interface ToolActions {
  undo(): void
  redo(): void
  format(): void
  revert(): void
  share(): void
  compare(): void
  create(): void
  heat(): void
}

/** What the buttons show of the text that is open. */
export interface ToolState {
  readonly canUndo: boolean
  readonly canRedo: boolean
  readonly isCompared: boolean
  /** Whether it is shown how often lines run. */
  readonly isHot: boolean
  /** Whether it has no file: then it can be removed, and not reverted. */
  readonly isNew: boolean
}

/** The buttons that act on the text that is open. */
export interface Toolbar {
  readonly element: HTMLElement
  /** The button that opens the form for a new script. */
  readonly opener: HTMLElement
  update(state: ToolState): void
}

export function toolbar(actions: ToolActions): Toolbar {
  const undo = button('Undo', actions.undo)
  const redo = button('Redo', actions.redo)
  const revert = button('Revert', actions.revert)
  const compare = button('Diff', actions.compare)
  const heat = button('Heat', actions.heat)
  const opener = button('New', actions.create)
  const [format, share] = [button('Format', actions.format), button('Share', actions.share)]
  return {
    element: element(
      'div',
      { role: 'group', class: 'live-tools', 'aria-label': 'Text' },
      ...[undo, redo, format, revert, share, compare, heat, opener],
    ),
    opener,
    update({ canUndo, canRedo, isCompared, isHot, isNew }) {
      // A disabled button would lose the focus.
      undo.ariaDisabled = String(!canUndo)
      redo.ariaDisabled = String(!canRedo)
      compare.ariaPressed = String(isCompared)
      heat.ariaPressed = String(isHot)
      revert.textContent = isNew ? 'Remove' : 'Revert'
    },
  }
}
