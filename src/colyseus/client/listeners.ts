import { invalidOption } from '../../options.ts'

/** Functions that are called for events, by the name of the event. */
export class Listeners<Events extends object> {
  readonly #names: readonly (keyof Events & string)[]
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>()

  constructor(names: readonly (keyof Events & string)[]) {
    this.#names = names
  }

  /** Adds a listener. Returns a function that removes it. Throws `InvalidOptions` for an unknown event. */
  on<Name extends keyof Events & string>(name: Name, listener: (payload: Events[Name]) => void): () => void {
    if (!this.#names.includes(name)) invalidOption(`there is no event '${String(name)}'; there are ${this.#names.join(', ')}`)
    if (typeof listener !== 'function') invalidOption('a listener must be a function')
    const own = (payload: Events[Name]): void => listener(payload)
    const all = this.#listeners.get(name) ?? new Set()
    this.#listeners.set(name, all.add(own))
    return () => all.delete(own)
  }

  /** Whether an event has a listener. */
  hears(name: keyof Events): boolean {
    return (this.#listeners.get(name)?.size ?? 0) > 0
  }

  /** Calls the listeners. One that throws does not stop the others: its error is thrown after them. */
  call<Name extends keyof Events>(name: Name, payload: Events[Name]): void {
    const errors: unknown[] = []
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(payload as never)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  clear(): void {
    this.#listeners.clear()
  }
}
