import { PRICES } from '../../abi/prices.ts'
import { isNumberType } from '../../wasm/format/module.ts'
import type { Meanings, PatternModule } from './import-module.ts'
import { unknownImport } from './lookup.ts'

export const emit: PatternModule = {
  module: 'emit',
  pattern: 'event',
  example: 'hit',
  params: [],
  results: [],
  variadic: true,
  price: PRICES.event,
  refuses: true,
  resolve(name, entry, context) {
    if (name === '') unknownImport('emit', name, [])
    const queue = (...args: (number | bigint)[]): void => context.emit(name, args)
    const params = entry.kind === 'func' ? entry.type.params : []
    return {
      permissions: [{ kind: 'emit', event: name }],
      type: { params: params.map((param) => (isNumberType(param) ? param : 'a number')), results: [] },
      function: queue,
    }
  },
}

/** For the docs: a page does not download it. */
export const EMIT_MEANINGS: Meanings = {
  emit: 'queue an event, with any numbers',
}
