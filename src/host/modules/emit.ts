import { PRICES } from '../../abi/prices.ts'
import { isNumberType } from '../../wasm/format/module.ts'
import type { PatternModule } from './import-module.ts'
import { unknownImport } from './lookup.ts'

export const emit: PatternModule = {
  module: 'emit',
  pattern: 'event',
  example: 'hit',
  params: [],
  results: [],
  variadic: true,
  meaning: 'queue an event, with any numbers',
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
