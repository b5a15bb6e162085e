import type { DebugProtocol } from '@vscode/debugprotocol'
import type { FieldWriter } from '../past/writers.ts'
import type { EntityFields } from '../step/game-moment.ts'

/** A value that an editor shows, and those in it. */
export interface Shown {
  readonly name: string
  readonly value: string
  /** What it is as an expression, such as `Health.points[12]`. */
  readonly evaluateName?: string
  readonly inner?: readonly Shown[]
}

/** The values that were shown since the last stop, by the numbers that an editor asks for them with. */
export class ShownVariables {
  readonly #lists: (() => Promise<readonly Shown[]> | readonly Shown[])[] = []

  /** Forgets all of them. */
  clear(): void {
    this.#lists.length = 0
  }

  /** Returns the number of a list. */
  add(list: () => Promise<readonly Shown[]> | readonly Shown[]): number {
    return this.#lists.push(list)
  }

  async get(reference: number): Promise<readonly Shown[]> {
    return (await this.#lists[reference - 1]?.()) ?? []
  }

  /** Returns a value as the protocol has it. */
  describe({ name, value, evaluateName, inner }: Shown): DebugProtocol.Variable {
    return {
      ...{ name, value },
      ...(evaluateName !== undefined && { evaluateName }),
      variablesReference: inner === undefined ? 0 : this.add(() => inner),
    }
  }
}

/** Returns numbers by name, as an editor shows them. */
export function showNumbers(values: Readonly<Record<string, number | bigint>>, nameOf?: (name: string) => string): readonly Shown[] {
  return Object.entries(values).map(([name, value]) => ({
    ...{ name, value: showNumber(value) },
    evaluateName: nameOf?.(name) ?? name,
  }))
}

/** Returns the components of an entity, as an editor shows them. */
export function showEntity(entity: number, components: EntityFields): readonly Shown[] {
  return Object.entries(components).map(([component, fields]) => {
    const values = Object.entries(fields)
    const value = values.map(([field, each]) => `${field}: ${showNumber(each)}`).join(', ')
    if (values.length === 0) return { name: component, value: 'a tag' }
    return { name: component, value: `{ ${value} }`, inner: showNumbers(fields, (field) => `${component}.${field}[${entity}]`) }
  })
}

export function showNumber(value: number | bigint): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Returns who wrote a field, as people say it. */
export function writerName({ by, input }: { readonly by: string; readonly input?: FieldWriter['input'] }): string {
  if (by !== 'host') return by
  return input === undefined ? 'the game' : `the game (${input})`
}

/** Reads what names a field of an entity, such as `Health.points[12]`. */
export function readFieldOfEntity(text: string): { readonly field: string; readonly entity: number } | undefined {
  const [, field, entity] = /^\s*(\w+\.\w+)\[(\d+)\]\s*$/.exec(text) ?? []
  return field === undefined ? undefined : { field, entity: Number(entity) }
}
