import { entityExists, hasComponent, query } from 'bitecs'
import { type Container, Graphics } from 'pixi.js'
import type { Game } from '../sim/index.ts'
import type { Motion } from './motion.ts'

/** Units beyond its edge at which an entity is still picked: a finger is not exact. */
const REACH = 12

/** Returns the entity with a `Look` that is nearest to a position in the arena; `undefined` if none is near. */
export function entityAt(
  { world, components: { Position, Look } }: Game,
  at: { readonly x: number; readonly y: number },
): number | undefined {
  let nearest: number | undefined
  let least = REACH
  for (const entity of query(world, [Position, Look])) {
    const size = Look.size[entity] as number
    const distance = Math.hypot((Position.x[entity] as number) - at.x, (Position.y[entity] as number) - at.y) - size
    if (distance >= least) continue
    least = distance
    nearest = entity
  }
  return nearest
}

/** A ring around the entity that the inspector looks at. */
export interface Marker {
  mark(entity: number | undefined): void
  draw(game: Game, motion: Motion, share: number): void
}

export function createMarker(parent: Container): Marker {
  const ring = parent.addChild(new Graphics().circle(0, 0, 100).stroke({ width: 12, color: 0xffd866 }))
  let marked: number | undefined
  ring.visible = false
  return {
    mark(entity) {
      marked = entity
    },
    draw({ world, components: { Position, Look } }, motion, share) {
      ring.visible = marked !== undefined && entityExists(world, marked) && hasComponent(world, marked, Position)
      if (marked === undefined || !ring.visible) return
      ring.position.set(motion.x(marked, share), motion.y(marked, share))
      ring.scale.set((((Look.size[marked] as number) || 4) + 10) / 100)
    },
  }
}
