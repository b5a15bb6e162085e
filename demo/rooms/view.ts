// Without this import, Pixi generates code at run time, which a content security policy may forbid.
import 'pixi.js/unsafe-eval'
import { hasComponent } from 'bitecs'
import type { NetworkId } from 'bitscript/colyseus/client'
import { Application, Color, Container, Graphics, GraphicsContext, Text } from 'pixi.js'
import type { Connection } from './connection.ts'
import { ARENA } from './game.ts'

const BACKGROUND = 0x0b0d1a
const STAR = new GraphicsContext().circle(0, 0, 9).fill(0xffe9a8).circle(0, 0, 15).fill({ color: 0xffe9a8, alpha: 0.15 })
const SHIP = new GraphicsContext().poly([22, 0, -14, 13, -8, 0, -14, -13]).fill(0xffffff)
const OWN = new GraphicsContext().circle(0, 0, 28).stroke({ width: 2, color: 0xffffff, alpha: 0.7 })

/** The picture of the arena. */
export interface View {
  /** Draws what a connection sees. */
  draw(connection: Connection): void
}

/** What is drawn of an entity. */
interface Sprite {
  readonly body: Container
  readonly shape: Graphics
  readonly score: Text | undefined
  shown: number
}

/** Creates a picture that fills an element. */
export async function createView(parent: HTMLElement): Promise<View> {
  const app = new Application()
  await app.init({
    preference: ['webgl', 'canvas'],
    autoStart: false,
    skipExtensionImports: true,
    resizeTo: parent,
    autoDensity: true,
    resolution: Math.min(devicePixelRatio, 2),
    background: BACKGROUND,
    antialias: true,
  })
  app.canvas.setAttribute('aria-hidden', 'true')
  parent.prepend(app.canvas)
  const arena = app.stage.addChild(new Container())
  arena.addChild(new Graphics().rect(0, 0, ARENA.width, ARENA.height).stroke({ width: 4, color: 0x39437f }))
  const sprites = new Map<NetworkId, Sprite>()
  let picture = 0

  function draw(connection: Connection): void {
    picture++
    const { width, height } = app.screen
    const scale = Math.min(width / (ARENA.width + 40), height / (ARENA.height + 40))
    arena.scale.set(scale)
    arena.position.set((width - ARENA.width * scale) / 2, (height - ARENA.height * scale) / 2)
    for (const id of connection.ids) place(connection, id)
    for (const [id, { body, shown }] of sprites) {
      if (shown === picture) continue
      body.destroy({ children: true })
      sprites.delete(id)
    }
    app.render()
  }

  function place(connection: Connection, id: NetworkId): void {
    const { components, world } = connection
    const entity = connection.entity(id)
    if (entity === undefined) return
    const isShip = hasComponent(world, entity, components.Ship)
    const sprite = sprites.get(id) ?? createSprite(isShip, connection.value(id, 'Ship.hue') ?? 0, id === connection.own)
    sprites.set(id, sprite)
    sprite.shown = picture
    sprite.body.position.set(connection.value(id, 'Position.x') ?? 0, connection.value(id, 'Position.y') ?? 0)
    if (sprite.score === undefined) return
    sprite.score.text = String(connection.value(id, 'Ship.score') ?? 0)
    const [x, y] = [connection.value(id, 'Velocity.x') ?? 0, connection.value(id, 'Velocity.y') ?? 0]
    if (x * x + y * y > 1) sprite.shape.rotation = Math.atan2(y, x)
  }

  function createSprite(isShip: boolean, hue: number, isOwn: boolean): Sprite {
    const body = arena.addChild(new Container())
    const shape = body.addChild(new Graphics(isShip ? SHIP : STAR))
    if (!isShip) return { body, shape, score: undefined, shown: picture }
    shape.tint = new Color({ h: hue, s: 75, l: 65 })
    if (isOwn) body.addChild(new Graphics(OWN))
    const score = body.addChild(new Text({ text: '0', style: { fill: 0xffffff, fontSize: 18, fontFamily: 'system-ui' }, anchor: 0.5 }))
    score.position.set(0, -36)
    return { body, shape, score, shown: picture }
  }

  return { draw }
}
