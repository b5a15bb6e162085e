import { PRICES } from '../../abi/prices.ts'
import type { QueryTerms } from '../../ecs/queries/terms.ts'
import type { Meanings, PatternModule } from './import-module.ts'
import { findTerms } from './lookup.ts'
import type { Permission } from './permissions.ts'

export const ecsQuery: PatternModule = {
  module: 'ecs.query',
  pattern: 'terms',
  example: 'Position !Dead',
  params: [],
  results: ['i32'],
  price: PRICES.query,
  refuses: true,
  resolve(name, _, { ecs, queries }) {
    const terms = findTerms('ecs.query', name, ecs)
    const found = queries.get(terms)
    return { permissions: permissionsOf(terms), type: { params: [], results: ['i32'] }, function: () => found.run() }
  },
}

export const ecsEntity: PatternModule = {
  module: 'ecs.entity',
  pattern: 'terms',
  example: 'Position !Dead',
  params: ['i32'],
  results: ['i32'],
  price: PRICES.column,
  resolve(name, _, { ecs, queries }) {
    const terms = findTerms('ecs.entity', name, ecs)
    const found = queries.get(terms)
    const { address } = found
    const outOfRange = (index: number) => found.outOfRange(index)
    return {
      permissions: permissionsOf(terms),
      type: { params: ['i32'], results: ['i32'] },
      ...(address !== undefined && { inline: { accessor: { access: 'entity', result: address } as const, outOfRange } }),
      function: (index: number) => found.entity(index),
    }
  },
}

function permissionsOf({ all, none }: QueryTerms): Permission[] {
  return [...all, ...none].map((component) => ({ kind: 'query', component }))
}

/** For the docs: a page does not download it. */
export const QUERY_MEANINGS: Meanings = {
  'ecs.query': 'run the query, return how many entities match',
  'ecs.entity': 'the i-th entity of the last run of that query',
}
