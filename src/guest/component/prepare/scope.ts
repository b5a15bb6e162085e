import { ScriptError } from '../../../errors.ts'
import type { CanonicalOptions, ComponentFunctionType, TypeReference } from '../plan.ts'

/** A core instance while the component is read: one that is made, or a list of exports. */
export type CoreInstance =
  | { readonly kind: 'made'; readonly module: Uint8Array<ArrayBuffer>; readonly args: ReadonlyMap<string, CoreInstance> }
  | { readonly kind: 'listed'; readonly exports: ReadonlyMap<string, CoreItem> }

/** The canonical options while the component is read. */
export interface DraftOptions {
  readonly encoding: CanonicalOptions['encoding']
  readonly memory?: CoreItem
  readonly realloc?: CoreItem
  readonly postReturn?: CoreItem
}

/** An item of a core instance, or the core form of a function. */
export type CoreItem =
  | { readonly kind: 'export'; readonly instance: CoreInstance; readonly name: string }
  | { readonly kind: 'lower'; readonly func: DraftFunction; readonly options: DraftOptions }

/** A function of a component while it is read. */
export type DraftFunction =
  | { readonly kind: 'import'; readonly interface: string; readonly name: string; readonly type: ComponentFunctionType }
  | { readonly kind: 'lift'; readonly core: CoreItem; readonly options: DraftOptions; readonly type: ComponentFunctionType }

/** A type while the component is read. */
export type DraftType =
  | { readonly kind: 'value'; readonly type: TypeReference }
  | { readonly kind: 'func'; readonly type: ComponentFunctionType }
  | { readonly kind: 'instance'; readonly exports: ReadonlyMap<string, DraftExtern> }
  /** What functions of a game cannot have. It is refused where a function uses it. */
  | { readonly kind: 'refused'; readonly what: string }

/** What a type of an instance says of one of its exports. */
export type DraftExtern =
  | { readonly kind: 'type'; readonly type: DraftType }
  | { readonly kind: 'func'; readonly type: DraftType }
  | { readonly kind: 'instance'; readonly type: DraftType }
  | { readonly kind: 'refused'; readonly what: string }

/** An item of an instance of a component. */
export type Item =
  | { readonly sort: 'func'; readonly value: DraftFunction }
  | { readonly sort: 'type'; readonly value: DraftType }
  | { readonly sort: 'instance'; readonly value: Instance }
  | { readonly sort: 'component'; readonly value: Component }
  | { readonly sort: 'core module'; readonly value: Uint8Array<ArrayBuffer> }

export type Instance = ReadonlyMap<string, Item>

/** A component that can be instantiated: its bytes, and the scope it stands in. */
export interface Component {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly parent: Scope | undefined
}

/** One of the index spaces of a component. */
export class IndexSpace<Value> {
  readonly #what: string
  readonly #values: Value[] = []

  constructor(what: string) {
    this.#what = what
  }

  add(value: Value): void {
    this.#values.push(value)
  }

  get(index: number): Value {
    if (index >= this.#values.length) throw new ScriptError('InvalidBinary', `the component has no ${this.#what} ${index}`)
    return this.#values[index] as Value
  }
}

type CoreSpaces = Readonly<Record<'func' | 'table' | 'memory' | 'global' | 'tag', IndexSpace<CoreItem>>> & {
  readonly module: IndexSpace<Uint8Array<ArrayBuffer>>
  readonly instance: IndexSpace<CoreInstance>
}

/** The index spaces of a component. */
export class Scope {
  readonly parent: Scope | undefined
  readonly core: CoreSpaces = {
    func: new IndexSpace('core function'),
    table: new IndexSpace('core table'),
    memory: new IndexSpace('core memory'),
    global: new IndexSpace('core global'),
    tag: new IndexSpace('core tag'),
    module: new IndexSpace('core module'),
    instance: new IndexSpace('core instance'),
  }
  readonly func: IndexSpace<DraftFunction> = new IndexSpace('function')
  readonly type: IndexSpace<DraftType> = new IndexSpace('type')
  readonly instance: IndexSpace<Instance> = new IndexSpace('instance')
  readonly component: IndexSpace<Component> = new IndexSpace('component')

  constructor(parent: Scope | undefined) {
    this.parent = parent
  }

  /** Returns the scope so many components further out. */
  outer(count: number): Scope {
    let scope: Scope | undefined = this
    for (let step = 0; step < count && scope !== undefined; step++) scope = scope.parent
    if (scope === undefined)
      throw new ScriptError('InvalidBinary', `the component refers to a scope ${count} further out, which does not exist`)
    return scope
  }

  /** Adds an item to the index space of its sort. */
  add(item: Item): void {
    if (item.sort === 'func') this.func.add(item.value)
    else if (item.sort === 'type') this.type.add(item.value)
    else if (item.sort === 'instance') this.instance.add(item.value)
    else if (item.sort === 'component') this.component.add(item.value)
    else this.core.module.add(item.value)
  }
}

/** Returns an export of an instance. Throws `InvalidBinary`. */
export function exportOf(instance: Instance, name: string): Item {
  const item = instance.get(name)
  if (item === undefined) throw new ScriptError('InvalidBinary', `an instance in the component exports no '${name}'`)
  return item
}
