import { abbreviate } from '../../printable.ts'
import type { Layouts } from './canonical/layout.ts'
import type { ComponentFunctionType, TypeReference } from './plan.ts'

/** Returns the type of a function as WIT writes it. Named types are written out, long ones up to an ellipsis. */
export function functionText(layouts: Layouts, { params, result }: ComponentFunctionType): string {
  const text = new TypeText(layouts)
  const list = params.map(([name, type]) => text.named(name, type)).filter((each) => each !== '')
  return `func(${list.join(', ')})${result === null ? '' : ` -> ${text.of(result)}`}`
}

/** Levels of types in types that are written out. */
const MAX_DEPTH = 4
/** Types in the text of a function. The text of a type can be exponentially longer than its definition. */
const MAX_TYPES = 100

class TypeText {
  readonly #layouts: Layouts
  #left = MAX_TYPES

  constructor(layouts: Layouts) {
    this.#layouts = layouts
  }

  /** Returns a parameter; `''` for one that follows an ellipsis. */
  named(name: string, type: TypeReference): string {
    const isLast = this.#left === 0
    if (this.#left < 0) return ''
    return isLast ? this.of(type) : `${abbreviate(name)}: ${this.of(type)}`
  }

  of(type: TypeReference | null, depth = 0): string {
    if (type === null) return '_'
    if (--this.#left < 0) return '…'
    if (typeof type === 'string') return type
    const found = this.#layouts.type(type)
    if (depth > MAX_DEPTH) return found.kind
    switch (found.kind) {
      case 'list':
        return `list<${this.of(found.element, depth + 1)}>`
      case 'option':
        return `option<${this.of(found.some, depth + 1)}>`
      case 'tuple':
        return `tuple<${this.#list(found.items, depth + 1)}>`
      case 'result':
        return found.ok === null && found.error === null ? 'result' : `result<${this.#list([found.ok, found.error], depth + 1)}>`
      default:
        return found.kind
    }
  }

  #list(types: readonly (TypeReference | null)[], depth: number): string {
    const texts: string[] = []
    for (const type of types) {
      texts.push(this.of(type, depth))
      if (this.#left < 0) break
    }
    return texts.join(', ')
  }
}
