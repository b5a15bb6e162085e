import { formatFrame } from '../../errors.ts'
import type { Past } from '../past/past.ts'
import type { Stepper } from '../step/stepper.ts'
import type { SessionBreakpoints } from './session-breakpoints.ts'
import { readFieldOfEntity, showNumber, writerName } from './shown-variables.ts'

/** What a command did. */
export interface Done {
  readonly result: string
  /** Whether the stepper is elsewhere. */
  readonly hasMoved: boolean
}

const HELP = `tick 300           go to a tick; tick +1 and tick -1 to the next and the one before
who Health.points[12]   who wrote a field before the end of this tick, the latest first
watch Health.points[12] if value < 0   stop at such writes; without if, at each; unwatch ends it
entity 12          the components of an entity
anything else      an expression of locals and fields, such as Health.points[12] - damage`

/** Writes that `who` shows. */
const MAX_WRITERS = 10

/** What the console works on. */
export interface ConsoleParts {
  readonly past: Past
  readonly stepper: Stepper
  readonly breakpoints: SessionBreakpoints
}

/** Runs a command of the console. Resolves with `undefined` for what is no command. */
export async function runCommand(line: string, { past, stepper, breakpoints }: ConsoleParts): Promise<Done | undefined> {
  const [word = '', ...others] = line.trim().split(/\s+/)
  const rest = others.join(' ')
  // In Neovim, help is a command of its own.
  if ((word === 'help' || word === '?') && rest === '') return { result: HELP, hasMoved: false }
  if (word === 'tick' && /^[+-]?\d+$/.test(rest)) {
    const { tick } = await stepper.goTo(/^[+-]/.test(rest) ? stepper.stop.tick + Number(rest) : Number(rest))
    return { result: `tick ${tick}`, hasMoved: true }
  }
  const [, watched = '', condition] = word === 'watch' ? (/^(.*?)(?: if (.+))?$/.exec(rest) ?? []) : []
  if (readFieldOfEntity(watched) !== undefined) {
    await breakpoints.watch({ dataId: watched, accessType: 'write', ...(condition && { condition }) })
    const which = condition === undefined ? 'each write' : `writes with ${condition}`
    return { result: `continue and reverse stop at ${which} of ${watched}`, hasMoved: false }
  }
  if (word === 'unwatch' && (rest === '' || readFieldOfEntity(rest) !== undefined)) {
    const count = await breakpoints.unwatch(rest || undefined)
    return { result: count === 0 ? 'nothing was watched' : `${count} no longer watched`, hasMoved: false }
  }
  const field = word === 'who' ? readFieldOfEntity(rest) : undefined
  if (field === undefined) return undefined
  const writers = await past.writers(field.field, field.entity, { before: stepper.stop.tick + 1, count: MAX_WRITERS })
  const lines = writers.map((writer) => {
    const { tick, caller, old, value, place, function: name } = writer
    const location = caller ?? place
    const frame = caller === undefined ? name : (caller.function ?? 'the game')
    const where = frame === undefined ? '' : `\n${formatFrame({ function: frame, ...(location && { location }) })}`
    return `tick ${tick}: ${writerName(writer)} ${showNumber(old)} → ${showNumber(value)}${where}`
  })
  return { result: lines.join('\n') || `nobody wrote ${rest} in what is kept`, hasMoved: false }
}
