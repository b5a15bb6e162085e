import { PRICES } from '../../abi/prices.ts'
import type { AbiSignature } from '../../abi/types.ts'
import type { Column } from '../../ecs/components/components.ts'
import { type Ecs, entityOutOfRange, getField, setField } from '../../ecs/entities/access.ts'
import type { FunctionType } from '../../wasm/format/module.ts'
import type { InlineForm, Meanings, PatternModule } from './import-module.ts'
import { findColumn } from './lookup.ts'

const GET: AbiSignature = { params: ['i32'], results: ['T'] }
const SET: AbiSignature = { params: ['i32', 'T'], results: [] }

export const ecsGet: PatternModule = {
  module: 'ecs.get',
  pattern: 'column',
  example: 'Position.x',
  ...GET,
  price: PRICES.column,
  resolve(name, _, { ecs }) {
    const column = findColumn('ecs.get', name, ecs)
    return {
      permissions: [{ kind: 'read', component: column.component }],
      price: columnPrice(column),
      type: columnType(GET, column),
      ...inlineForm('get', column, ecs),
      function: getField(ecs, column),
    }
  },
}

export const ecsSet: PatternModule = {
  module: 'ecs.set',
  pattern: 'column',
  example: 'Position.x',
  ...SET,
  price: PRICES.column,
  resolve(name, _, { ecs }) {
    const column = findColumn('ecs.set', name, ecs)
    return {
      permissions: [{ kind: 'write', component: column.component }],
      price: columnPrice(column),
      type: columnType(SET, column),
      ...inlineForm('set', column, ecs),
      function: setField(ecs, column),
    }
  },
}

function columnType({ params, results }: AbiSignature, column: Column): FunctionType {
  const concrete = (type: string): string => (type === 'T' ? column.number : type)
  return { params: params.map(concrete), results: results.map(concrete) }
}

/** Returns the price of an access. A column of the ECS memory costs the same whether or not it is inlined, which depends on the engine. */
export function columnPrice({ layout }: Column): number {
  return layout === undefined ? PRICES.plainField : PRICES.column
}

/** Only columns in the memory that the runtime shares with scripts can be inlined. */
function inlineForm(access: 'get' | 'set', column: Column, ecs: Ecs): { readonly inline?: InlineForm } {
  const { layout, type } = column
  if (layout === undefined || layout.memory !== ecs.components.reserve?.memory) return {}
  const { capacity } = ecs.components
  const outOfRange: InlineForm['outOfRange'] = (entity) => entityOutOfRange(ecs, entity, capacity)
  const accessor = { access, type, base: layout.base, capacity } as const
  return { inline: access === 'get' ? { accessor, outOfRange } : { accessor, outOfRange, written: column } }
}

/** For the docs: a page does not download it. */
export const FIELD_MEANINGS: Meanings = {
  'ecs.get': 'read a field of an entity',
  'ecs.set': 'write a field of an entity; integers wrap',
}
