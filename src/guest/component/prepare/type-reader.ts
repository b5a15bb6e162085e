import { ScriptError } from '../../../errors.ts'
import type { Reader } from '../../../wasm/format/reader.ts'
import { type ComponentFunctionType, type CompositeType, MAX_PLANNED, type Primitive, refuseFeature, type TypeReference } from '../plan.ts'
import { type DraftExtern, type DraftType, Scope } from './scope.ts'

const PRIMITIVES: Readonly<Record<number, Primitive>> = {
  127: 'bool',
  126: 's8',
  125: 'u8',
  124: 's16',
  123: 'u16',
  122: 's32',
  121: 'u32',
  120: 's64',
  119: 'u64',
  118: 'f32',
  117: 'f64',
  116: 'char',
  115: 'string',
}
/** What cannot be part of a value that crosses the boundary of a game. */
const REFUSED: Readonly<Record<number, string>> = {
  104: 'borrows a resource',
  105: 'owns a resource',
  103: 'has lists of a fixed length',
  102: 'has streams',
  101: 'has futures',
  100: 'has error contexts',
  99: 'has maps',
}
const RESOURCE = { kind: 'refused', what: 'has resources' } as const

/** The composite types of a component, each once. */
export class TypeTable {
  readonly types: CompositeType[] = []
  readonly #indices: Map<string, number> = new Map()

  add(type: CompositeType): number {
    const key = JSON.stringify(type)
    const known = this.#indices.get(key)
    if (known !== undefined) return known
    if (this.types.length >= MAX_PLANNED) throw new ScriptError('TooLarge', `the component has more than ${MAX_PLANNED} types`)
    this.#indices.set(key, this.types.length)
    return this.types.push(type) - 1
  }
}

/** Reads the types of a component. https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md */
export class TypeReader {
  readonly #table: TypeTable

  constructor(table: TypeTable) {
    this.#table = table
  }

  /** Reads a type. One that functions of a game cannot have is refused where a function uses it. */
  read(reader: Reader, scope: Scope): DraftType {
    const form = reader.peek()
    if (form === 0x40) {
      reader.byte('a type')
      return this.#function(reader, scope)
    }
    if (form === 0x43) {
      reader.byte('a type')
      this.#function(reader, scope)
      return { kind: 'refused', what: 'has async functions' }
    }
    if (form === 0x41 || form === 0x42) {
      reader.byte('a type')
      return this.#declarations(reader, scope, form === 0x41)
    }
    if (form === 0x3f || form === 0x3e) return refuseFeature('defines resources')
    return this.#value(reader, scope)
  }

  /** Reads what an import or export is. */
  extern(reader: Reader, scope: Scope): DraftExtern {
    const sort = reader.byte('a description')
    if (sort === 0) {
      reader.byte('a sort')
      reader.u32('a type')
      return { kind: 'refused', what: 'imports a core module' }
    }
    if (sort === 1) return { kind: 'func', type: scope.type.get(reader.u32('a type')) }
    if (sort === 3) {
      const isEqual = reader.byte('a bound') === 0
      return { kind: 'type', type: isEqual ? scope.type.get(reader.u32('a type')) : RESOURCE }
    }
    if (sort === 5) return { kind: 'instance', type: scope.type.get(reader.u32('a type')) }
    if (sort === 4) {
      reader.u32('a type')
      return { kind: 'refused', what: 'imports a component' }
    }
    return refuseFeature('imports values')
  }

  /** Returns the value type that a type is. Throws `InvalidBinary` for one that functions of a game cannot have. */
  valueOf(type: DraftType): TypeReference {
    if (type.kind === 'value') return type.type
    return refuseFeature(type.kind === 'refused' ? type.what : `has a value of ${type.kind} type`)
  }

  #function(reader: Reader, scope: Scope): DraftType {
    const params: (readonly [string, DraftType])[] = []
    for (let left = reader.count('parameters'); left > 0; left--) params.push([reader.name('a parameter'), this.#reference(reader, scope)])
    const hasResult = reader.byte('a result') === 0
    const result = hasResult ? this.#reference(reader, scope) : undefined
    if (!hasResult) reader.byte('a result')
    const refused = [...params.map(([, type]) => type), ...(result === undefined ? [] : [result])].find(({ kind }) => kind !== 'value')
    if (refused !== undefined)
      return refused.kind === 'refused' ? refused : { kind: 'refused', what: `has a value of ${refused.kind} type` }
    const type: ComponentFunctionType = {
      params: params.map(([name, each]) => [name, this.valueOf(each)]),
      result: result === undefined ? null : this.valueOf(result),
    }
    return { kind: 'func', type }
  }

  /** Reads the type of an instance or of a component. What a component type says is not needed. */
  #declarations(reader: Reader, parent: Scope, isComponent: boolean): DraftType {
    const scope = new Scope(parent)
    const exports = new Map<string, DraftExtern>()
    for (let left = reader.count('declarations'); left > 0; left--) {
      const kind = reader.byte('a declaration')
      if (kind === 1) scope.type.add(this.read(reader, scope))
      else if (kind === 2) this.#alias(reader, scope)
      else if (kind === 4 || kind === 3) {
        const name = externName(reader)
        const extern = this.extern(reader, scope)
        if (kind === 4) exports.set(name, extern)
        if (extern.kind === 'type') scope.type.add(extern.type)
        else if (extern.kind === 'instance') scope.instance.add(new Map())
      } else refuseFeature('has core types in the type of an instance')
    }
    return isComponent ? { kind: 'refused', what: 'has a value of component type' } : { kind: 'instance', exports }
  }

  #alias(reader: Reader, scope: Scope): void {
    const sort = reader.byte('an alias')
    const target = sort === 0 ? -1 : reader.byte('an alias')
    if (sort !== 3 || target !== 2) refuseFeature('has an alias of another kind than a type in the type of an instance')
    const outer = scope.outer(reader.u32('a scope'))
    scope.type.add(outer.type.get(reader.u32('a type')))
  }

  /** Reads a value type where it is used: a primitive, or the index of a type. */
  #reference(reader: Reader, scope: Scope): DraftType {
    const primitive = PRIMITIVES[reader.peek()]
    if (primitive !== undefined) {
      reader.byte('a type')
      return { kind: 'value', type: primitive }
    }
    const what = REFUSED[reader.peek()]
    if (what !== undefined) refuseFeature(what)
    return scope.type.get(reader.s33('a type'))
  }

  #value(reader: Reader, scope: Scope): DraftType {
    const form = reader.byte('a type')
    const primitive = PRIMITIVES[form]
    if (primitive !== undefined) return { kind: 'value', type: primitive }
    const parts: DraftType[] = []
    const part = (): TypeReference => {
      const type = this.#reference(reader, scope)
      parts.push(type)
      return type.kind === 'value' ? type.type : 'bool'
    }
    const type = this.#composite(form, reader, part)
    if (typeof type === 'string') return { kind: 'refused', what: type }
    const refused = parts.find(({ kind }) => kind !== 'value')
    if (refused !== undefined)
      return refused.kind === 'refused' ? refused : { kind: 'refused', what: `has a value of ${refused.kind} type` }
    return { kind: 'value', type: this.#table.add(type) }
  }

  /** Returns the type, or what is refused about it. */
  #composite(form: number, reader: Reader, part: () => TypeReference): CompositeType | string {
    const optional = (): TypeReference | null => (reader.byte('an optional type') === 0 ? null : part())
    const names = (): string[] => Array.from({ length: reader.count('names') }, () => reader.name('a name'))
    switch (form) {
      case 0x72:
        return { kind: 'record', fields: Array.from({ length: reader.count('fields') }, () => [reader.name('a field'), part()] as const) }
      case 0x71:
        return {
          kind: 'variant',
          cases: Array.from({ length: reader.count('cases') }, () => {
            const each = [reader.name('a case'), optional()] as const
            reader.byte('the end of a case')
            return each
          }),
        }
      case 0x70:
        return { kind: 'list', element: part() }
      case 0x6f:
        return { kind: 'tuple', items: Array.from({ length: reader.count('items') }, part) }
      case 0x6e:
        return { kind: 'flags', names: names() }
      case 0x6d:
        return { kind: 'enum', names: names() }
      case 0x6b:
        return { kind: 'option', some: part() }
      case 0x6a:
        return { kind: 'result', ok: optional(), error: optional() }
      case 0x69:
      case 0x68:
        reader.u32('a resource')
        return REFUSED[form] as string
      case 0x66:
      case 0x65:
        optional()
        return REFUSED[form] as string
      default:
        return refuseFeature(REFUSED[form] ?? `has a type of the unknown form 0x${form.toString(16)}`)
    }
  }
}

/** Reads the name of an import or export. */
export function externName(reader: Reader): string {
  const form = reader.byte('a name')
  if (form > 1) refuseFeature('has a name with options')
  return reader.name('a name')
}
