import { PRICES } from '../../abi/prices.ts'
import { addNamed, clearFields, hasNamed, removeNamed } from '../../ecs/entities/access.ts'
import type { Meanings, PatternModule } from './import-module.ts'
import { findComponent } from './lookup.ts'

const shared = { pattern: 'component', example: 'Dead', params: ['i32'] } as const

export const ecsHas: PatternModule = {
  ...shared,
  module: 'ecs.has',
  results: ['i32'],
  price: PRICES.has,
  resolve(name, _, { ecs }) {
    const { component } = findComponent('ecs.has', name, ecs)
    return { permissions: [{ kind: 'query', component: name }], type: TEST, function: hasNamed(ecs, component) }
  },
}

export const ecsAdd: PatternModule = {
  ...shared,
  module: 'ecs.add',
  results: [],
  price: PRICES.ask,
  refuses: true,
  resolve(name, _, { ecs }) {
    const { component, columns } = findComponent('ecs.add', name, ecs)
    const add = addNamed(ecs, component, clearFields(ecs, columns.values()))
    return { permissions: [{ kind: 'change', component: name }], type: CHANGE, function: add }
  },
}

export const ecsRemove: PatternModule = {
  ...shared,
  module: 'ecs.remove',
  results: [],
  price: PRICES.ask,
  resolve(name, _, { ecs }) {
    const { component } = findComponent('ecs.remove', name, ecs)
    return { permissions: [{ kind: 'change', component: name }], type: CHANGE, function: removeNamed(ecs, component) }
  },
}

const TEST = { params: ['i32'], results: ['i32'] } as const
const CHANGE = { params: ['i32'], results: [] } as const

/** For the docs: a page does not download it. */
export const COMPONENT_MEANINGS: Meanings = {
  'ecs.has': '1 if the entity has the component, else 0',
  'ecs.add': 'add the component, at once; its fields begin at 0',
  'ecs.remove': "remove the component, when the script's run ends",
}
