import { PRICES } from '../../abi/prices.ts'
import { relateNamed, targetNamed, unrelateNamed } from '../../ecs/entities/relating.ts'
import type { Meanings, PatternModule } from './import-module.ts'
import { findRelation } from './lookup.ts'

const shared = { pattern: 'relation', example: 'ChildOf', refuses: true } as const

export const ecsTarget: PatternModule = {
  ...shared,
  module: 'ecs.target',
  params: ['i32'],
  results: ['i32'],
  price: PRICES.has,
  resolve(name, _, { ecs }) {
    const relation = findRelation('ecs.target', name, ecs)
    return { permissions: [{ kind: 'query', component: name }], type: TARGET, function: targetNamed(ecs, relation) }
  },
}

export const ecsRelate: PatternModule = {
  ...shared,
  module: 'ecs.relate',
  params: ['i32', 'i32'],
  results: [],
  price: PRICES.ask,
  resolve(name, _, { ecs }) {
    const relation = findRelation('ecs.relate', name, ecs)
    return { permissions: [{ kind: 'change', component: name }], type: CHANGE, function: relateNamed(ecs, relation) }
  },
}

export const ecsUnrelate: PatternModule = {
  ...shared,
  module: 'ecs.unrelate',
  params: ['i32', 'i32'],
  results: [],
  price: PRICES.ask,
  resolve(name, _, { ecs }) {
    const relation = findRelation('ecs.unrelate', name, ecs)
    return { permissions: [{ kind: 'change', component: name }], type: CHANGE, function: unrelateNamed(ecs, relation) }
  },
}

const TARGET = { params: ['i32'], results: ['i32'] } as const
const CHANGE = { params: ['i32', 'i32'], results: [] } as const

/** For the docs: a page does not download it. */
export const RELATION_MEANINGS: Meanings = {
  'ecs.target': 'the first target of the relation, 0 if there is none',
  'ecs.relate': 'add the relation to a target, at once; its data begin at 0',
  'ecs.unrelate': "remove the relation to a target, when the script's run ends",
}
