import { hasComponent, query } from 'bitecs'
import { type Container, Graphics, Particle, ParticleContainer, type Texture } from 'pixi.js'
import type { Game } from '../sim/index.ts'
import type { Motion } from './motion.ts'

/** What is drawn beside the entities: trails, rings and flying splinters. None of it is part of the game. */
export interface Effects {
  /** Draws a frame over the game. */
  draw(game: Game, motion: Motion, share: number): void
}

/** Options of {@link createEffects}. */
export interface EffectsOptions {
  readonly parent: Container
  /** The image of a spark, `pixels` wide. */
  readonly texture: Texture
  readonly pixels: number
  readonly reducedMotion: () => boolean
  /** Shakes the picture by so many pixels. */
  readonly shake: (pixels: number) => void
}

const MAX_PARTICLES = 600
/** Points from which an enemy bursts into a ring. */
const BIG_ENEMY = 100
/** Pixels a second from which an enemy has a trail. */
const FAST = 250
const [WHITE, CYAN, ORANGE, VIOLET, RED] = [0xffffff, 0x7fdfff, 0xffb347, 0xc79bff, 0xff7a90] as const

interface Mote {
  x: number
  y: number
  right: number
  down: number
  size: number
  /** From 1 to 0; the mote is gone at 0. */
  life: number
  /** What it loses of its life in a frame. */
  fades: number
  tint: number
}

interface Ring {
  readonly graphics: Graphics
  readonly reach: number
  life: number
}

/** Creates the effects in a layer of their own. */
export function createEffects({ parent, texture, pixels, reducedMotion, shake }: EffectsOptions): Effects {
  const dynamicProperties = { position: true, vertex: true, color: true }
  const layer = new ParticleContainer({ texture, blendMode: 'add', dynamicProperties })
  parent.addChild(layer)
  const motes: Mote[] = []
  const pool: Particle[] = []
  const rings: Ring[] = []
  let followed: Game | undefined
  /** Whether the game went on since the last frame: while it is paused, nothing moves here either. */
  let ticked = false

  function add(mote: Mote): void {
    if (motes.length < MAX_PARTICLES) motes.push(mote)
  }

  function burst(x: number, y: number, count: number, speed: number, tint: number, size = 22): void {
    if (reducedMotion()) return
    for (let index = 0; index < count; index++) {
      const [angle, pace] = [Math.random() * 2 * Math.PI, speed * (0.3 + Math.random())]
      const [right, down] = [Math.cos(angle) * pace, Math.sin(angle) * pace]
      add({ ...{ x, y, right, down, tint }, size: size * (0.6 + Math.random() * 0.8), life: 1, fades: 0.02 + Math.random() * 0.03 })
    }
  }

  function ring(x: number, y: number, reach: number, color: number): void {
    const graphics = new Graphics().circle(0, 0, 100).stroke({ width: 8, color })
    graphics.position.set(x, y)
    graphics.scale.set(0.05)
    parent.addChild(graphics)
    rings.push({ graphics, reach, life: 1 })
  }

  function follow(game: Game): void {
    followed = game
    motes.length = 0
    for (const { graphics } of rings.splice(0)) graphics.destroy()
    game.runtime.on('tick', () => {
      ticked = true
    })
    game.runtime.on('event', ({ name, args }) => {
      if (game !== followed) return
      const [x, y, points] = args.map(Number) as [number, number, number]
      if (name === 'blast') {
        ring(x, y, 200, ORANGE)
        burst(x, y, 60, 9, ORANGE)
        shake(12)
      } else if (name === 'killed' && points >= BIG_ENEMY) {
        for (const reach of [90, 170, 260]) ring(x, y, reach, VIOLET)
        burst(x, y, 140, 8, VIOLET)
        shake(22)
      } else if (name === 'killed') burst(x, y, 3, 3, ORANGE, 11)
      else if (name === 'boss') ring(x, y, 140, VIOLET)
    })
  }

  /** Leaves a mote behind what moves fast. */
  function trail(game: Game, motion: Motion, share: number): void {
    const { Dash, Power, Velocity, Timer, Shielded } = game.components
    const { player, world } = game
    const speed = Math.hypot(Velocity.x[player] as number, Velocity.y[player] as number)
    const [x, y] = [motion.x(player, share), motion.y(player, share)]
    const isDashing = (Dash.left[player] as number) > 0
    const tint = isDashing ? WHITE : (Power.left[player] as number) > 0 ? ORANGE : hasComponent(world, player, Shielded) ? WHITE : CYAN
    if (speed > 1) add({ ...{ x, y, right: 0, down: 0, tint }, size: isDashing ? 44 : 20, life: 0.7, fades: isDashing ? 0.03 : 0.05 })
    for (const enemy of query(world, [Timer, Velocity])) {
      if (Math.hypot(Velocity.x[enemy] as number, Velocity.y[enemy] as number) < FAST) continue
      add({ x: motion.x(enemy, share), y: motion.y(enemy, share), right: 0, down: 0, size: 22, life: 0.6, fades: 0.05, tint: RED })
    }
  }

  function drawMotes(): void {
    for (let index = motes.length - 1; index >= 0; index--) {
      const mote = motes[index] as Mote
      mote.life -= mote.fades
      mote.x += mote.right
      mote.y += mote.down
      mote.right *= 0.94
      mote.down *= 0.94
      if (mote.life > 0) continue
      motes[index] = motes.at(-1) as Mote
      motes.pop()
    }
    const children = layer.particleChildren
    children.length = 0
    for (const [index, { x, y, size, life, tint }] of motes.entries()) {
      const particle = pool[index] ?? new Particle({ texture, anchorX: 0.5, anchorY: 0.5 })
      pool[index] = particle
      particle.x = x
      particle.y = y
      particle.scaleX = particle.scaleY = (size * (0.4 + life)) / pixels
      particle.tint = tint
      particle.alpha = life * 0.8
      children.push(particle)
    }
    layer.update()
  }

  function drawRings(): void {
    for (const ring of [...rings]) {
      ring.life -= 0.03
      const { graphics, reach, life } = ring
      if (life <= 0) {
        graphics.destroy()
        rings.splice(rings.indexOf(ring), 1)
        continue
      }
      graphics.scale.set(((1 - life ** 2) * reach) / 100)
      graphics.alpha = life
    }
  }

  return {
    draw(game, motion, share) {
      if (game !== followed) follow(game)
      if (!ticked) return
      ticked = false
      if (!reducedMotion()) trail(game, motion, share)
      drawMotes()
      drawRings()
    },
  }
}
