import type { EditedScript } from './editor-host.ts'

/** Letters, digits, - and _. The ending .ts is added to texts in AssemblyScript. */
const SCRIPT_NAME = /^[a-z][\w-]{0,30}$/i

/** The scripts of an editor by the names of their texts: what their files hold, their languages, and which can be edited. */
export class ScriptFiles {
  readonly #texts: Map<string, string>
  readonly #assemblyScript: Set<string>
  /** The scripts that have no file. */
  readonly #added: Set<string>
  readonly #locked: ReadonlyMap<string, string>

  constructor(scripts: readonly EditedScript[]) {
    this.#texts = new Map(scripts.map(({ name, text }) => [name, text]))
    this.#assemblyScript = new Set(scripts.flatMap(({ name, language }) => (language === 'assemblyscript' ? [name] : [])))
    this.#added = new Set(scripts.flatMap(({ name, isNew }) => (isNew === true ? [name] : [])))
    this.#locked = new Map(scripts.flatMap(({ name, locked }) => (locked === undefined ? [] : [[name, locked] as const])))
  }

  /** The texts of the files by name, empty for a script that has no file. */
  get texts(): ReadonlyMap<string, string> {
    return this.#texts
  }

  get names(): string[] {
    return [...this.#texts.keys()]
  }

  has(name: string): boolean {
    return this.#texts.has(name)
  }

  isWat(name: string): boolean {
    return !this.#assemblyScript.has(name)
  }

  /** Returns whether a script was written in the editor, and has no file. */
  isAdded(name: string): boolean {
    return this.#added.has(name)
  }

  /** Returns why a script cannot be edited; `undefined` if it can. */
  whyLocked(name: string): string | undefined {
    return this.#locked.get(name)
  }

  /** Returns why a new script cannot have a name; `undefined` if it can. */
  problemOfName(name: string): string | undefined {
    if (!SCRIPT_NAME.test(name)) return 'A name begins with a letter, and has letters, digits, - and _'
    return this.has(name) || this.has(`${name}.ts`) ? `There is a script '${name}'` : undefined
  }

  /** Returns those of the texts that differ from the files. */
  differing(textOf: (name: string) => string): Map<string, string> {
    const texts = this.names.map((name) => [name, textOf(name)] as const)
    return new Map(texts.filter(([name, text]) => text !== this.#texts.get(name)))
  }

  /** Takes the text of a file that was saved. */
  save(name: string, text: string): void {
    this.#texts.set(name, text)
  }

  /** Adds a script that has no file. Returns its language. */
  add(name: string): 'wat' | 'assemblyscript' {
    const language = name.endsWith('.ts') ? 'assemblyscript' : 'wat'
    this.#texts.set(name, '')
    this.#added.add(name)
    if (language === 'assemblyscript') this.#assemblyScript.add(name)
    return language
  }

  remove(name: string): void {
    for (const each of [this.#texts, this.#added, this.#assemblyScript]) each.delete(name)
  }
}
