import { ScriptError } from '../../../errors.ts'
import type { ByteRange } from '../../../wasm/format/module.ts'
import { Reader } from '../../../wasm/format/reader.ts'
import { refuseFeature } from '../plan.ts'
import {
  type Component,
  type CoreInstance,
  type CoreItem,
  type DraftExtern,
  type DraftFunction,
  type DraftOptions,
  type DraftType,
  exportOf,
  type Instance,
  type Item,
  Scope,
} from './scope.ts'
import { externName, TypeReader, type TypeTable } from './type-reader.ts'

/** Bytes of definitions that are read, with those of the components in it for each time they are instantiated. */
const MAX_BYTES: number = 16 * 2 ** 20
/** Core instances, with those that only pass calls on and are not in the plan. */
const MAX_MADE = 600
const PREAMBLE_BYTES = 8
const CORE_SORTS = ['func', 'table', 'memory', 'global', 'tag'] as const
const ENCODINGS = ['utf8', 'utf16', 'latin1+utf16'] as const

/** What a component comes to: its exports, and the core instances in the order in which they are made. */
export interface Evaluated {
  readonly exports: Instance
  readonly made: readonly CoreInstance[]
}

/**
 * Evaluates the definitions of a component, which `validate` has accepted: instantiates the components in it and follows aliases, until
 * only core instances and the functions between them and the world are left. Nothing of it runs. Throws `InvalidBinary`, `TooLarge`.
 *
 * https://github.com/WebAssembly/component-model/blob/main/design/mvp/Binary.md
 */
export function evaluateComponent(bytes: Uint8Array<ArrayBuffer>, table: TypeTable): Evaluated {
  const evaluator = new Evaluator(table)
  const exports = evaluator.instantiate({ bytes, parent: undefined }, undefined)
  return { exports, made: evaluator.made }
}

class Evaluator {
  readonly made: CoreInstance[] = []
  readonly #types: TypeReader
  #left = MAX_BYTES
  /** The content of sections, by the bytes that they are in and their start: a core module or a component is one, however often it is read. */
  readonly #contents = new WeakMap<Uint8Array, Map<number, Uint8Array<ArrayBuffer>>>()

  constructor(table: TypeTable) {
    this.#types = new TypeReader(table)
  }

  /** Evaluates a component. Without arguments its imports are those of the world. */
  instantiate({ bytes, parent }: Component, args: Instance | undefined): Instance {
    const scope = new Scope(parent)
    const exports = new Map<string, Item>()
    const reader = new Reader(bytes)
    reader.skip(PREAMBLE_BYTES, 'the header')
    while (!reader.done) {
      const id = reader.byte('a section')
      const payload = reader.skip(reader.u32('the size of a section'), 'a section')
      const section = new Reader(bytes, payload)
      const content = (): Uint8Array<ArrayBuffer> => this.#content(bytes, payload)
      if (id === 1) scope.core.module.add(content())
      else if (id === 4) scope.component.add({ bytes: content(), parent: scope })
      else if (id === 9) refuseFeature('has a start function of its own')
      // Custom sections, and core types, which only imports of core modules need.
      else if (id !== 0 && id !== 3) {
        this.#left -= payload.end - payload.start
        if (this.#left < 0) throw new ScriptError('TooLarge', `the component comes to more than ${MAX_BYTES} bytes of definitions`)
        this.#entries(id, section, scope, exports, args)
      }
    }
    return exports
  }

  #content(bytes: Uint8Array<ArrayBuffer>, { start, end }: ByteRange): Uint8Array<ArrayBuffer> {
    const known = this.#contents.get(bytes) ?? new Map<number, Uint8Array<ArrayBuffer>>()
    this.#contents.set(bytes, known)
    const content = known.get(start) ?? bytes.slice(start, end)
    known.set(start, content)
    return content
  }

  #entries(id: number, reader: Reader, scope: Scope, exports: Map<string, Item>, args: Instance | undefined): void {
    for (let left = reader.count('definitions'); left > 0; left--) {
      if (id === 2) this.#coreInstance(reader, scope)
      else if (id === 5) this.#instance(reader, scope)
      else if (id === 6) this.#alias(reader, scope)
      else if (id === 7) scope.type.add(this.#types.read(reader, scope))
      else if (id === 8) this.#canon(reader, scope)
      else if (id === 10) this.#import(reader, scope, args)
      else if (id === 11) this.#export(reader, scope, exports)
      else refuseFeature(`has a section of the unknown kind ${id}`)
    }
  }

  #coreInstance(reader: Reader, scope: Scope): void {
    if (reader.byte('a core instance') === 0) {
      const module = scope.core.module.get(reader.u32('a core module'))
      const args = new Map<string, CoreInstance>()
      for (let left = reader.count('arguments'); left > 0; left--) {
        const name = reader.name('an argument')
        reader.byte('a sort')
        args.set(name, scope.core.instance.get(reader.u32('a core instance')))
      }
      const instance = { kind: 'made', module, args } as const
      this.made.push(instance)
      if (this.made.length > MAX_MADE) throw new ScriptError('TooLarge', `the component comes to more than ${MAX_MADE} core instances`)
      scope.core.instance.add(instance)
      return
    }
    const exports = new Map<string, CoreItem>()
    for (let left = reader.count('exports'); left > 0; left--) {
      const name = reader.name('an export')
      exports.set(name, this.#coreItem(reader, scope, reader.byte('a sort')))
    }
    scope.core.instance.add({ kind: 'listed', exports })
  }

  #coreItem(reader: Reader, scope: Scope, sort: number): CoreItem {
    const kind = CORE_SORTS[sort]
    if (kind === undefined) return refuseFeature(`has a core item of the unknown sort ${sort}`)
    return scope.core[kind].get(reader.u32('a core item'))
  }

  #instance(reader: Reader, scope: Scope): void {
    const isMade = reader.byte('an instance') === 0
    const component = isMade ? scope.component.get(reader.u32('a component')) : undefined
    const items = new Map<string, Item>()
    for (let left = reader.count('items'); left > 0; left--) {
      const name = isMade ? reader.name('an argument') : externName(reader)
      items.set(name, this.#item(reader, scope))
    }
    scope.instance.add(component === undefined ? items : this.instantiate(component, items))
  }

  /** Reads a sort and an index. */
  #item(reader: Reader, scope: Scope): Item {
    const sort = reader.byte('a sort')
    if (sort === 0) {
      if (reader.byte('a sort') !== 0x11) return refuseFeature('passes a core item to a component')
      return { sort: 'core module', value: scope.core.module.get(reader.u32('a core module')) }
    }
    const index = reader.u32('an item')
    if (sort === 1) return { sort: 'func', value: scope.func.get(index) }
    if (sort === 3) return { sort: 'type', value: scope.type.get(index) }
    if (sort === 4) return { sort: 'component', value: scope.component.get(index) }
    if (sort === 5) return { sort: 'instance', value: scope.instance.get(index) }
    return refuseFeature('has values')
  }

  #alias(reader: Reader, scope: Scope): void {
    const sort = reader.byte('an alias')
    const coreSort = sort === 0 ? reader.byte('an alias') : undefined
    const target = reader.byte('an alias')
    if (target === 0) {
      const instance = scope.instance.get(reader.u32('an instance'))
      scope.add(exportOf(instance, reader.name('an export')))
    } else if (target === 1) {
      const instance = scope.core.instance.get(reader.u32('a core instance'))
      const kind = CORE_SORTS[coreSort ?? -1]
      if (kind === undefined) refuseFeature('has an alias of an unknown sort')
      scope.core[kind].add(coreExport(instance, reader.name('an export')))
    } else {
      const outer = scope.outer(reader.u32('a scope'))
      const index = reader.u32('an index')
      if (sort === 3) scope.type.add(outer.type.get(index))
      else if (sort === 4) scope.component.add(outer.component.get(index))
      else if (coreSort === 0x11) scope.core.module.add(outer.core.module.get(index))
      else if (coreSort !== 0x10) refuseFeature('has an alias of an unknown sort')
    }
  }

  #canon(reader: Reader, scope: Scope): void {
    const kind = reader.byte('a canonical function')
    if (kind > 1) refuseFeature(kind < 5 ? 'has resources' : 'has async functions or threads')
    reader.byte('a canonical function')
    const index = reader.u32('a function')
    const options = this.#options(reader, scope)
    if (kind === 1) {
      scope.core.func.add({ kind: 'lower', func: scope.func.get(index), options })
      return
    }
    const type = functionType(scope.type.get(reader.u32('a type')))
    scope.func.add({ kind: 'lift', core: scope.core.func.get(index), options, type })
  }

  #options(reader: Reader, scope: Scope): DraftOptions {
    let options: DraftOptions = { encoding: 'utf8' }
    for (let left = reader.count('options'); left > 0; left--) {
      const kind = reader.byte('an option')
      const encoding = ENCODINGS[kind]
      if (encoding !== undefined) options = { ...options, encoding }
      else if (kind === 3) options = { ...options, memory: scope.core.memory.get(reader.u32('a memory')) }
      else if (kind === 4) options = { ...options, realloc: scope.core.func.get(reader.u32('a function')) }
      else if (kind === 5) options = { ...options, postReturn: scope.core.func.get(reader.u32('a function')) }
      else refuseFeature(kind === 6 || kind === 7 ? 'has async functions' : `has the unknown option ${kind} of a function`)
    }
    return options
  }

  #import(reader: Reader, scope: Scope, args: Instance | undefined): void {
    const name = externName(reader)
    const extern = this.#types.extern(reader, scope)
    scope.add(args === undefined ? fromWorld(name, '', extern) : exportOf(args, name))
  }

  #export(reader: Reader, scope: Scope, exports: Map<string, Item>): void {
    const name = externName(reader)
    const item = this.#item(reader, scope)
    if (reader.byte('a description') === 1) this.#types.extern(reader, scope)
    exports.set(name, item)
    scope.add(item)
  }
}

function functionType(type: DraftType): DraftFunction['type'] {
  if (type.kind === 'func') return type.type
  return refuseFeature(type.kind === 'refused' ? type.what : 'has a function without the type of one')
}

/** Returns an import of the world. */
function fromWorld(name: string, from: string, extern: DraftExtern): Item {
  switch (extern.kind) {
    case 'type':
      return { sort: 'type', value: extern.type }
    case 'func':
      return { sort: 'func', value: { kind: 'import', interface: from, name, type: functionType(extern.type) } }
    case 'instance':
      return { sort: 'instance', value: instanceFromWorld(name, extern.type) }
    default:
      return refuseFeature(extern.what)
  }
}

function instanceFromWorld(name: string, type: DraftType): Instance {
  if (type.kind !== 'instance') return refuseFeature('imports an instance without the type of one')
  const items = [...type.exports].flatMap(([key, extern]): [string, Item][] => {
    // A function that a game cannot have is refused only if something uses it.
    if (extern.kind === 'func' && extern.type.kind === 'refused') return [[key, refusedFunction(extern.type.what)]]
    return extern.kind === 'refused' ? [] : [[key, fromWorld(key, name, extern)]]
  })
  return new Map(items)
}

/** Returns the place of a function that is refused as soon as it is used. */
function refusedFunction(what: string): Item {
  return {
    sort: 'func',
    get value(): DraftFunction {
      return refuseFeature(what)
    },
  }
}

function coreExport(instance: CoreInstance, name: string): CoreItem {
  if (instance.kind === 'made') return { kind: 'export', instance, name }
  const item = instance.exports.get(name)
  if (item === undefined) throw new ScriptError('InvalidBinary', `a core instance in the component exports no '${name}'`)
  return item
}
