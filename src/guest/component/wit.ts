import type { Layouts } from './canonical/layout.ts'
import type { ComponentFunctionType, TypeReference } from './plan.ts'

/** Returns the type of a function as WIT writes it. Types that WIT names are written as what they are. */
export function functionText(layouts: Layouts, { params, result }: ComponentFunctionType): string {
  const list = params.map(([name, type]) => `${name}: ${typeText(layouts, type)}`).join(', ')
  return `func(${list})${result === null ? '' : ` -> ${typeText(layouts, result)}`}`
}

/** Types are written so deep into each other. */
const MAX_DEPTH = 4

function typeText(layouts: Layouts, type: TypeReference, depth = 0): string {
  if (typeof type === 'string') return type
  const found = layouts.type(type)
  if (depth > MAX_DEPTH) return found.kind
  const text = (each: TypeReference | null): string => (each === null ? '_' : typeText(layouts, each, depth + 1))
  switch (found.kind) {
    case 'list':
      return `list<${text(found.element)}>`
    case 'option':
      return `option<${text(found.some)}>`
    case 'tuple':
      return `tuple<${found.items.map(text).join(', ')}>`
    case 'result':
      return found.ok === null && found.error === null ? 'result' : `result<${text(found.ok)}, ${text(found.error)}>`
    default:
      return found.kind
  }
}
