import { PRICES } from '../../abi/prices.ts'
import { addNamed, despawn, exists, removeNamed, spawn } from '../../ecs/entities/access.ts'
import type { FixedModule, Meanings } from './import-module.ts'

export const ecs: FixedModule = {
  module: 'ecs',
  functions: {
    spawn: {
      params: [],
      results: ['i32'],
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
      price: PRICES.read,
      implement:
        ({ ecs }) =>
        (entity: number) =>
          exists(ecs, entity),
    },
    random: {
      params: ['i32'],
      results: ['f64'],
      price: PRICES.random,
      implement:
        ({ random, clock, identify }) =>
        (entity: number) =>
          random.ofEntity(identify(entity), clock.tick),
    },
    attach: {
      params: ['i32'],
      results: [],
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

/** For the docs: a page does not download it. */
export const ECS_MEANINGS: Meanings = {
  'ecs::spawn': 'a new entity, at once; first updated in the next tick',
  'ecs::despawn': "remove the entity, when the script's run ends",
  'ecs::exists': '1 if the entity is alive, else 0',
  'ecs::random': 'seeded, in [0, 1): the number of the entity in this tick, the same at each call',
  'ecs::attach': 'run this script on the entity, from the next tick',
  'ecs::detach': "stop running this script on the entity, when the script's run ends",
}
