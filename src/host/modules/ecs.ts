import { PRICES } from '../../abi/prices.ts'
import { addNamed, despawn, exists, removeNamed, spawn } from '../../ecs/entities/access.ts'
import type { FixedModule } from './import-module.ts'

export const ecs: FixedModule = {
  module: 'ecs',
  functions: {
    spawn: {
      params: [],
      results: ['i32'],
      meaning: 'a new entity, at once; first updated in the next tick',
      price: PRICES.ask,
      permission: { kind: 'spawn' },
      refuses: true,
      implement:
        ({ ecs, countSpawn }) =>
        () => {
          countSpawn()
          return spawn(ecs)
        },
    },
    despawn: {
      params: ['i32'],
      results: [],
      meaning: "remove the entity, when the script's run ends",
      price: PRICES.ask,
      permission: { kind: 'spawn' },
      refuses: true,
      implement:
        ({ ecs }) =>
        (entity: number) =>
          despawn(ecs, entity),
    },
    exists: {
      params: ['i32'],
      results: ['i32'],
      meaning: '1 if the entity is alive, else 0',
      price: PRICES.read,
      implement:
        ({ ecs }) =>
        (entity: number) =>
          exists(ecs, entity),
    },
    random: {
      params: ['i32'],
      results: ['f64'],
      meaning: 'seeded, in [0, 1): the number of the entity in this tick, the same at each call',
      price: PRICES.random,
      implement:
        ({ random, clock }) =>
        (entity: number) =>
          random.ofEntity(entity, clock.tick),
    },
    attach: {
      params: ['i32'],
      results: [],
      meaning: 'run this script on the entity, from the next tick',
      price: PRICES.ask,
      refuses: true,
      implement({ ecs, attachment, isLoaded }) {
        const add = addNamed(ecs, attachment.tag)
        return (entity: number) => {
          if (isLoaded()) add(entity)
        }
      },
    },
    detach: {
      params: ['i32'],
      results: [],
      meaning: "stop running this script on the entity, when the script's run ends",
      price: PRICES.ask,
      implement({ ecs, attachment, isLoaded }) {
        const remove = removeNamed(ecs, attachment.tag)
        return (entity: number) => {
          if (isLoaded()) remove(entity)
        }
      },
    },
  },
}
