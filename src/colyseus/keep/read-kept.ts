import { ScriptError } from '../../index.ts'
import type { KeptRoom, KeptSnapshot, KeptTick } from './keeper.ts'

/** Ticks that a log may have after its snapshot. A room saves far more often. */
export const MAX_KEPT_TICKS = 100_000
/** Bytes of them together, with the snapshot. */
const MAX_KEPT_BYTES = 1024 * 1024 * 1024

/**
 * Returns what is kept of a room, from the replies of Redis, which anyone may have written; `undefined` if there is no snapshot. A tick after a gap was
 * never acknowledged, so it is left out. Throws `StateRejected` for what no keeper writes.
 */
export function readKept(roomId: string, fields: unknown, entries: unknown): KeptRoom | undefined {
  const damaged = (what: string): never => {
    throw new ScriptError('StateRejected', `what is kept of the room '${roomId}' is damaged: ${what}`)
  }
  if (!Array.isArray(fields) || !Array.isArray(entries)) return damaged('the reply of Redis is not a list')
  const [tick, bytes] = fields as readonly unknown[]
  if (tick === null && bytes === null) return undefined
  const at = wholeNumber(tick)
  if (at === undefined || !Buffer.isBuffer(bytes)) return damaged('its snapshot has no tick or no bytes')
  if (entries.length > MAX_KEPT_TICKS) return damaged(`it has more than ${MAX_KEPT_TICKS} ticks after its snapshot`)
  const snapshot: KeptSnapshot = { tick: at, bytes }
  const ticks: KeptTick[] = []
  let size = bytes.length
  for (const given of entries) {
    const entry = readEntry(given)
    if (entry === undefined) return damaged('an entry of its log has no number or no bytes')
    if (entry === 'claim' || entry.tick !== at + ticks.length + 1) continue
    size += entry.entry.length
    if (size > MAX_KEPT_BYTES) return damaged(`it has more than ${MAX_KEPT_BYTES} bytes`)
    ticks.push(entry)
  }
  return { snapshot, ticks }
}

/** Returns a tick; `'claim'` for the first entry of an epoch; `undefined` for anything else. */
function readEntry(given: unknown): KeptTick | 'claim' | undefined {
  if (!Array.isArray(given)) return undefined
  const [id, pairs] = given as readonly unknown[]
  if (!Buffer.isBuffer(id) || !Array.isArray(pairs) || pairs.length !== 2) return undefined
  const tick = wholeNumber(id.toString('latin1').split('-')[1])
  const [field, entry] = pairs as readonly unknown[]
  if (tick === undefined || !Buffer.isBuffer(field) || !Buffer.isBuffer(entry)) return undefined
  return field.toString('latin1') === 'claim' ? 'claim' : { tick, entry }
}

function wholeNumber(given: unknown): number | undefined {
  const text = Buffer.isBuffer(given) ? given.toString('latin1') : given
  if (typeof text !== 'string' || !/^\d{1,16}$/.test(text)) return undefined
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : undefined
}
