import { query } from 'bitecs'
import { MEADOW } from '../sim/components.ts'
import type { Game } from '../sim/index.ts'

/** Draws a game. */
export interface Picture {
  /** Draws the game as it is. `time` is in seconds. */
  draw(time: number): void
  /** Shows that a firefly was caught there. */
  sparkle(x: number, y: number): void
}

/** Seconds that a sparkle takes. */
const SPARKLE = 0.6
const TAU = 2 * Math.PI

/** Returns what draws a game on a canvas. It reads the columns of the components, and changes nothing. */
export function createPicture(canvas: HTMLCanvasElement, { world, components, lantern }: Game): Picture {
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  const { Position, Glow } = components
  let sparkles: { readonly x: number; readonly y: number; readonly since: number }[] = []
  let now = 0
  let background: HTMLCanvasElement | undefined

  /** Draws a round light that fades to its edge. */
  function light(x: number, y: number, radius: number, color: string, strength: number): void {
    const gradient = context.createRadialGradient(x, y, 0, x, y, radius)
    gradient.addColorStop(0, `hsl(${color} / ${strength})`)
    gradient.addColorStop(0.25, `hsl(${color} / ${strength * 0.35})`)
    gradient.addColorStop(1, `hsl(${color} / 0)`)
    context.fillStyle = gradient
    context.fillRect(x - radius, y - radius, 2 * radius, 2 * radius)
  }

  function drawFireflies(): void {
    for (const firefly of query(world, [Position, Glow])) {
      const [x = 0, y = 0, size = 0, hue = 0] = [Position.x[firefly], Position.y[firefly], Glow.size[firefly], Glow.hue[firefly]]
      // Each blinks at a pace of its own.
      const pulse = 0.65 + 0.35 * Math.sin(now * (1 + size / 4) + firefly)
      light(x, y, size * 6, `${hue} 95% 62%`, pulse)
      context.fillStyle = `hsl(${hue} 100% 88% / ${pulse})`
      context.beginPath()
      context.arc(x, y, size * 0.55, 0, TAU)
      context.fill()
    }
  }

  function drawLantern(): void {
    const [x = 0, y = 0] = [Position.x[lantern], Position.y[lantern]]
    light(x, y, 190 + 6 * Math.sin(now * 5), '34 100% 60%', 0.5)
    light(x, y, 42, '42 100% 78%', 1)
    context.fillStyle = '#fffbe8'
    context.beginPath()
    context.arc(x, y, 7, 0, TAU)
    context.fill()
  }

  function drawSparkles(): void {
    sparkles = sparkles.filter(({ since }) => now - since < SPARKLE)
    for (const { x, y, since } of sparkles) {
      const share = (now - since) / SPARKLE
      context.strokeStyle = `hsl(52 100% 75% / ${(1 - share) ** 2})`
      context.lineWidth = 2.5 * (1 - share)
      context.beginPath()
      context.arc(x, y, 8 + 34 * share, 0, TAU)
      context.stroke()
    }
  }

  return {
    draw(time) {
      now = time
      const scale = (canvas.clientWidth * devicePixelRatio) / MEADOW.width
      const [width, height] = [Math.round(MEADOW.width * scale), Math.round(MEADOW.height * scale)]
      if (canvas.width !== width || canvas.height !== height || background === undefined) {
        Object.assign(canvas, { width, height })
        background = drawBackground(width, height, scale)
      }
      context.setTransform(1, 0, 0, 1, 0, 0)
      context.globalCompositeOperation = 'source-over'
      context.drawImage(background, 0, 0)
      context.setTransform(scale, 0, 0, scale, 0, 0)
      // Lights add up.
      context.globalCompositeOperation = 'lighter'
      drawFireflies()
      drawLantern()
      drawSparkles()
    },
    sparkle(x, y) {
      sparkles.push({ x, y, since: now })
    },
  }
}

/** Returns the night sky, hills and grass: they do not change, and are drawn once. */
function drawBackground(width: number, height: number, scale: number): HTMLCanvasElement {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d') as CanvasRenderingContext2D
  context.scale(scale, scale)
  const sky = context.createLinearGradient(0, 0, 0, MEADOW.height)
  for (const [at, color] of [
    [0, '#0b1026'],
    [0.55, '#1c2450'],
    [0.8, '#3b3566'],
    [1, '#5b4470'],
  ] as const)
    sky.addColorStop(at, color)
  context.fillStyle = sky
  context.fillRect(0, 0, MEADOW.width, MEADOW.height)
  for (let star = 0; star < 120; star++) {
    context.fillStyle = `rgb(255 250 235 / ${0.15 + 0.55 * fraction(star * 0.437)})`
    context.fillRect(fraction(star * 0.618) * MEADOW.width, fraction(star * 0.755) * 330, 1.4, 1.4)
  }
  hill(context, '#232148', (x) => wave(x, 395, 26, 0.008, 0.4))
  hill(context, '#17193a', (x) => wave(x, 440, 18, 0.013, 2.1))
  const front = (x: number): number => wave(x, 500, 9, 0.021, 4)
  hill(context, '#0c1126', front)
  context.strokeStyle = '#0c1126'
  context.lineWidth = 1.6
  for (let blade = 0; blade < 640; blade++) {
    const x = blade * 1.5
    const lean = 12 * (fraction(blade * 0.618) - 0.5)
    const height = 6 + 20 * fraction(blade * 0.755) ** 2
    context.beginPath()
    context.moveTo(x, front(x) + 4)
    context.quadraticCurveTo(x, front(x) - height / 2, x + lean, front(x) - height)
    context.stroke()
  }
  return canvas
}

/** Fills what is below a line. */
function hill(context: CanvasRenderingContext2D, color: string, top: (x: number) => number): void {
  context.fillStyle = color
  context.beginPath()
  context.moveTo(0, MEADOW.height)
  for (let x = 0; x <= MEADOW.width; x += 8) context.lineTo(x, top(x))
  context.lineTo(MEADOW.width, MEADOW.height)
  context.fill()
}

function wave(x: number, top: number, rise: number, pace: number, shift: number): number {
  return top + rise * Math.sin(x * pace + shift) + (rise / 3) * Math.sin(x * pace * 2.7)
}

function fraction(value: number): number {
  return value % 1
}
