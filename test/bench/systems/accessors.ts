import { addComponent, addEntity, query, removeEntity } from 'bitecs'
import type { Stage } from './stage.ts'

export type Accessor = (...numbers: number[]) => unknown

/** The host functions that scripts need without a runtime. */
export interface Accessors {
  /** Functions by import module and name. */
  readonly functions: Readonly<Record<string, Readonly<Record<string, Accessor>>>>
  /** Removes the entities that were despawned. */
  readonly flush: () => void
}

/** One function for each column and direction, as written by hand. */
export function createAccessors({ world, components }: Stage): Accessors {
  const { Position, Velocity, Brain, Life, Origin } = components
  const dead: number[] = []
  let found: ArrayLike<number> = []
  const functions: Record<string, Record<string, (...numbers: never[]) => unknown>> = {
    'ecs.get': {
      'Position.x': (entity: number) => Position.x[entity],
      'Position.y': (entity: number) => Position.y[entity],
      'Velocity.x': (entity: number) => Velocity.x[entity],
      'Velocity.y': (entity: number) => Velocity.y[entity],
      'Brain.state': (entity: number) => Brain.state[entity],
      'Brain.timer': (entity: number) => Brain.timer[entity],
      'Brain.energy': (entity: number) => Brain.energy[entity],
      'Brain.seed': (entity: number) => Brain.seed[entity],
      'Life.left': (entity: number) => Life.left[entity],
      'Origin.number': (entity: number) => Origin.number[entity],
    },
    'ecs.set': {
      'Position.x': (entity: number, value: number) => {
        Position.x[entity] = value
      },
      'Position.y': (entity: number, value: number) => {
        Position.y[entity] = value
      },
      'Velocity.x': (entity: number, value: number) => {
        Velocity.x[entity] = value
      },
      'Velocity.y': (entity: number, value: number) => {
        Velocity.y[entity] = value
      },
      'Brain.state': (entity: number, value: number) => {
        Brain.state[entity] = value
      },
      'Brain.timer': (entity: number, value: number) => {
        Brain.timer[entity] = value
      },
      'Brain.energy': (entity: number, value: number) => {
        Brain.energy[entity] = value
      },
      'Brain.seed': (entity: number, value: number) => {
        Brain.seed[entity] = value
      },
      'Life.left': (entity: number, value: number) => {
        Life.left[entity] = value
      },
      'Origin.number': (entity: number, value: number) => {
        Origin.number[entity] = value
      },
    },
    'ecs.query': {
      'Position Velocity': () => {
        found = query(world, [Position, Velocity])
        return found.length
      },
    },
    'ecs.entity': {
      'Position Velocity': (index: number) => found[index],
    },
    'ecs.add': {
      Position: (entity: number) => addComponent(world, entity, Position),
      Life: (entity: number) => addComponent(world, entity, Life),
      Origin: (entity: number) => addComponent(world, entity, Origin),
    },
    ecs: {
      spawn: () => addEntity(world),
      despawn: (entity: number) => {
        dead.push(entity)
      },
      // Here scripts run on all entities with the components, which is less work than attaching them.
      attach: () => undefined,
    },
  }
  return {
    functions: functions as Accessors['functions'],
    flush() {
      for (let index = 0; index < dead.length; index++) removeEntity(world, dead[index] as number)
      dead.length = 0
    },
  }
}

/** The same functions with names for scripting languages: `get_Position_x`, `query_Position_Velocity`, `spawn`. */
export function namedAccessors({ functions }: Accessors): ReadonlyMap<string, Accessor> {
  const named = new Map<string, Accessor>()
  for (const [module, members] of Object.entries(functions)) {
    for (const [name, accessor] of Object.entries(members)) {
      const full = module === 'ecs' ? name : `${module.slice('ecs.'.length)}_${name}`
      named.set(full.replace(/\W/g, '_'), accessor)
    }
  }
  return named
}
