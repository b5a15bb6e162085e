import { fromBase64, toBase64 } from './base64.ts'

/** The edits of a script that the browser keeps while its page is closed. */
export interface Draft {
  /** The text in the editor. */
  readonly text: string
  /** The text that the game ran last. It is that of the file if no edit was run. */
  readonly running: string
  /** The text of the file that was edited. */
  readonly file: string
  /** Whether its text came by a link from somebody else. */
  readonly isForeign?: boolean
}

/** The drafts by script. */
export type Drafts = ReadonlyMap<string, Draft>

const KEY = 'bitscript-swarm-drafts'

/** Returns the drafts that this browser keeps. Leaves out what has another shape. */
export function readDrafts(): Map<string, Draft> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return new Map(Array.isArray(kept) ? kept.filter(isEntry) : [])
  } catch {
    return new Map()
  }
}

/** Keeps the drafts instead of those before. Returns whether the browser could. */
export function keepDrafts(drafts: Drafts): boolean {
  try {
    if (drafts.size === 0) localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, JSON.stringify([...drafts]))
    return true
  } catch {
    return false
  }
}

/** What a text in another language was compiled to, and the name of that text. */
export interface KeptModule {
  readonly text: string
  readonly module: Uint8Array
}

const MODULES_KEY = 'bitscript-swarm-modules'

/** Returns the modules that this browser keeps, by script, so that a game can start without their compiler. */
export function readModules(): Map<string, KeptModule> {
  try {
    const kept = JSON.parse(localStorage.getItem(MODULES_KEY) ?? '[]') as [string, string, string][]
    return new Map(kept.map(([script, text, base64]) => [script, { text, module: fromBase64(base64) }]))
  } catch {
    return new Map()
  }
}

/** Keeps the modules instead of those before, if the browser can. */
export function keepModules(modules: ReadonlyMap<string, KeptModule>): void {
  const kept = [...modules].map(([script, { text, module }]) => [script, text, toBase64(module)])
  try {
    if (kept.length === 0) localStorage.removeItem(MODULES_KEY)
    else localStorage.setItem(MODULES_KEY, JSON.stringify(kept))
  } catch {
    // They are compiled again.
  }
}

function isEntry(entry: unknown): entry is [string, Draft] {
  if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== 'string') return false
  const draft = entry[1] as Partial<Draft> | null
  return [draft?.text, draft?.running, draft?.file].every((text) => typeof text === 'string')
}
