// Without this import, Pixi generates code at run time, which a content security policy may forbid.
import 'pixi.js/unsafe-eval'
import { query } from 'bitecs'
import { Application, CanvasSource, Container, Graphics, Particle, ParticleContainer, Rectangle, type Renderer, Texture } from 'pixi.js'
import { ARENA, SHAPES } from '../sim/components.ts'
import type { Game } from '../sim/index.ts'
import { type View, viewOf } from './camera.ts'
import type { Effects } from './effects.ts'
import { createMarker, entityAt } from './marker.ts'
import type { Motion } from './motion.ts'
import { CELL, drawShapes, type Shape } from './shapes.ts'
import { tintOf } from './tints.ts'

/** The width of a shape's cell, as a multiple of `Look.size`. */
const SCALE: Readonly<Record<Shape, number>> = {
  ...{ player: 3.6, hunter: 3.4, bullet: 7, spark: 4, star: 4.5 },
  ...{ charger: 3, spitter: 2.8, boss: 2.4, shot: 3.2, heart: 3, power: 3, bomb: 3 },
}
/** Shapes that are not drawn in full. */
const OPACITY: Readonly<Partial<Record<Shape, number>>> = { spark: 0.9, star: 0.55 }
/** Shapes that are drawn over the others with additive blending. */
const SHINES: ReadonlySet<Shape> = new Set<Shape>(['bullet', 'spark', 'star', 'shot'])
/** Shapes that do not turn: stars and pickups have no Velocity component, so their values in its columns are meaningless. */
const UPRIGHT: ReadonlySet<Shape> = new Set<Shape>(['star', 'heart', 'power', 'bomb'])
const BACKGROUND = 0x0b0d1a
const MAX_PIXEL_RATIO = 2
/** Pixels between two lines of the grid. */
const GRID = 100

/** The canvas that the game is drawn on. */
export interface Stage {
  readonly canvas: HTMLCanvasElement
  /** Draws the game. `share` is the fraction of the time between the last tick and the current one. */
  draw(game: Game, motion: Motion, share: number): void
  /** Returns the position of an entity on the canvas in CSS pixels. */
  placeOf(game: Game, entity: number): { readonly x: number; readonly y: number }
  /** Returns the entity that is drawn at a place of the page in CSS pixels; `undefined` if none is near. */
  entityAt(game: Game, x: number, y: number): number | undefined
  /** Draws a ring around an entity. */
  mark(entity: number | undefined): void
  /** Leaves pixels at the edges free, which something covers. */
  setInset(inset: { readonly bottom: number; readonly right: number }): void
  /** Shakes the picture, as when the player is hurt. */
  shake(): void
  dispose(): void
}

/** Creates a stage that draws with WebGL, or with a 2D canvas if WebGL is not available. */
export async function createStage(parent: HTMLElement, reducedMotion: () => boolean): Promise<Stage> {
  const app = new Application()
  let inset = { bottom: 0, right: 0 }
  const ratio = (): number => Math.min(devicePixelRatio, MAX_PIXEL_RATIO)
  const size = (): { width: number; height: number } => ({
    width: Math.max(1, parent.clientWidth - inset.right),
    height: Math.max(1, parent.clientHeight - inset.bottom),
  })
  await app.init({
    preference: ['webgl', 'canvas'],
    autoStart: false,
    skipExtensionImports: true,
    ...size(),
    resolution: ratio(),
    autoDensity: true,
    background: BACKGROUND,
    powerPreference: 'high-performance',
  })
  const { canvas } = app
  canvas.setAttribute('aria-hidden', 'true')
  parent.prepend(canvas)
  const textures = texturesFor(app.renderer)
  const world = app.stage.addChild(new Container())
  world.addChild(drawFloor())
  const [behind, before] = [createLayer(world, textures, 'normal'), createLayer(world, textures, 'add')]
  const shield = world.addChild(
    new Graphics().circle(0, 0, 20).fill({ color: 0x7fdfff, alpha: 0.12 }).stroke({ width: 2, color: 0x7fdfff }),
  )
  shield.visible = false
  const marker = createMarker(world)
  const resize = (): void => {
    const { width, height } = size()
    app.renderer.resize(width, height, ratio())
    app.render()
  }
  const observer = new ResizeObserver(resize)
  observer.observe(parent)
  let view: View = viewOf(1, 1, { x: 0, y: 0 })
  let shaken = 0
  let effects: Effects | undefined
  // The game begins without them.
  void import('./effects.ts').then(
    ({ createEffects }) => {
      const texture = textures[SHAPES.indexOf('spark')] as Texture
      effects = createEffects({ parent: world, texture, pixels: CELL, reducedMotion, shake })
    },
    () => undefined,
  )

  function shake(pixels: number): void {
    shaken = Math.max(shaken, pixels)
  }

  return {
    canvas,
    draw(game, motion, share) {
      const { width, height } = app.screen
      const [x, y] = [motion.x(game.player, share), motion.y(game.player, share)]
      view = viewOf(width, height, { x, y })
      const reach = reducedMotion() ? 0 : shaken
      shaken = shaken < 0.5 ? 0 : shaken * 0.88
      const tremble = (): number => (Math.random() - 0.5) * reach
      world.scale.set(view.scale)
      world.position.set(-view.x * view.scale + tremble(), -view.y * view.scale + tremble())
      fill(game, motion, share, behind, before)
      effects?.draw(game, motion, share)
      shield.visible = query(game.world, [game.components.Shielded]).includes(game.player)
      shield.position.set(x, y)
      marker.draw(game, motion, share)
      app.render()
    },
    placeOf({ components: { Position } }, entity) {
      const { x, y, scale } = view
      return { x: ((Position.x[entity] as number) - x) * scale, y: ((Position.y[entity] as number) - y) * scale }
    },
    entityAt(game, x, y) {
      const { left, top } = canvas.getBoundingClientRect()
      return entityAt(game, { x: (x - left) / view.scale + view.x, y: (y - top) / view.scale + view.y })
    },
    mark: (entity) => marker.mark(entity),
    setInset(next) {
      inset = { ...next }
      resize()
    },
    shake: () => shake(14),
    dispose() {
      observer.disconnect()
      app.destroy({ removeView: true, releaseGlobalResources: true }, { children: true })
      for (const texture of textures) texture.destroy(true)
    },
  }
}

/** Draws the edge of the arena, and a grid that makes the movement of the camera visible. */
function drawFloor(): Graphics {
  const floor = new Graphics()
  for (let x = GRID; x < ARENA.width; x += GRID) floor.moveTo(x, 0).lineTo(x, ARENA.height)
  for (let y = GRID; y < ARENA.height; y += GRID) floor.moveTo(0, y).lineTo(ARENA.width, y)
  floor.stroke({ width: 2, color: 0x1b2147 })
  return floor.rect(0, 0, ARENA.width, ARENA.height).stroke({ width: 6, color: 0x39437f })
}

/** The particles of one blend mode. */
interface Layer {
  readonly container: ParticleContainer
  /** All particles, including unused ones. */
  readonly pool: Particle[]
  readonly textures: readonly Texture[]
}

function createLayer(parent: Container, textures: readonly Texture[], blendMode: 'normal' | 'add'): Layer {
  const dynamicProperties = { position: true, rotation: true, vertex: true, uvs: true, color: true }
  const container = new ParticleContainer({ texture: textures[0] as Texture, blendMode, dynamicProperties })
  parent.addChild(container)
  return { container, pool: [], textures }
}

/** Places a particle for every entity that has a `Look`. */
function fill({ world, components }: Game, motion: Motion, share: number, behind: Layer, before: Layer): void {
  const { Position, Look } = components
  const counts = new Map([
    [behind, 0],
    [before, 0],
  ])
  for (const entity of query(world, [Position, Look])) {
    const index = Look.shape[entity] as number
    const shape = SHAPES[index]
    if (shape === undefined) continue
    const layer = SHINES.has(shape) ? before : behind
    const count = counts.get(layer) as number
    counts.set(layer, count + 1)
    const particle = particleAt(layer, count)
    particle.texture = layer.textures[index] as Texture
    particle.x = motion.x(entity, share)
    particle.y = motion.y(entity, share)
    particle.scaleX = particle.scaleY = ((Look.size[entity] as number) * SCALE[shape]) / CELL
    particle.rotation = UPRIGHT.has(shape) ? 0 : motion.angle(entity)
    particle.color = tintOf(shape, Look.hue[entity] as number, OPACITY[shape] ?? 1)
  }
  for (const [{ container }, count] of counts) {
    container.particleChildren.length = count
    container.update()
  }
}

function particleAt({ container, pool, textures }: Layer, index: number): Particle {
  const particle = pool[index] ?? new Particle({ texture: textures[0] as Texture, anchorX: 0.5, anchorY: 0.5 })
  pool[index] = particle
  container.particleChildren[index] = particle
  return particle
}

function texturesFor(renderer: Renderer): readonly Texture[] {
  // Pixi's canvas renderer draws tinted parts of an image from a wrong position, so each shape gets an image of its own.
  if (renderer.name === 'canvas') return SHAPES.map((shape) => new Texture({ source: new CanvasSource({ resource: drawShapes([shape]) }) }))
  const source = new CanvasSource({ resource: drawShapes(), autoGenerateMipmaps: true })
  return SHAPES.map((_, index) => new Texture({ source, frame: new Rectangle(index * CELL, 0, CELL, CELL) }))
}
