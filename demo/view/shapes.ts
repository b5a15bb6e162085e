import { SHAPES } from '../sim/components.ts'

/** The name of a shape. */
export type Shape = (typeof SHAPES)[number]

/** The width and height in pixels of a shape's cell in the image of all shapes. */
export const CELL = 64

type Brush = CanvasRenderingContext2D

/** Draws each shape in white, centred in its cell and pointing right. The tint adds the colour. */
const DRAW: Readonly<Record<Shape, (brush: Brush) => void>> = {
  player(brush) {
    brush.globalAlpha = 0.35
    fill(brush, [29, 0, -20, 22, -12, 0, -20, -22])
    brush.globalAlpha = 1
    fill(brush, [26, 0, -15, 15, -8, 0, -15, -15])
  },
  hunter(brush) {
    fill(brush, [24, 0, 4, 13, -20, 19, -10, 0, -20, -19, 4, -13])
    cut(brush, () => brush.arc(5, 0, 4.5, 0, 7))
  },
  bullet(brush) {
    const glow = brush.createLinearGradient(-28, 0, 24, 0)
    glow.addColorStop(0, '#fff0')
    glow.addColorStop(0.8, '#fff')
    brush.fillStyle = glow
    brush.beginPath()
    brush.ellipse(-2, 0, 27, 8, 0, 0, 7)
    brush.fill()
  },
  spark(brush) {
    const glow = brush.createRadialGradient(0, 0, 0, 0, 0, 29)
    glow.addColorStop(0, '#fff')
    glow.addColorStop(0.35, '#fff9')
    glow.addColorStop(1, '#fff0')
    brush.fillStyle = glow
    brush.fillRect(-29, -29, 58, 58)
  },
  star(brush) {
    const glow = brush.createRadialGradient(0, 0, 0, 0, 0, 20)
    glow.addColorStop(0, '#fff')
    glow.addColorStop(0.4, '#fffc')
    glow.addColorStop(1, '#fff0')
    brush.fillStyle = glow
    brush.fillRect(-20, -20, 40, 40)
  },
  charger(brush) {
    fill(brush, [27, 0, -6, 12, -22, 20, -14, 0, -22, -20, -6, -12])
    cut(brush, () => brush.rect(-4, -2, 18, 4))
  },
  spitter(brush) {
    disc(brush, 19)
    fill(brush, [18, -8, 29, 0, 18, 8])
    cut(brush, () => brush.arc(3, 0, 8, 0, 7))
  },
  boss(brush) {
    star(brush, 11, 30, 23)
    cut(brush, () => brush.arc(0, 0, 14, 0, 7))
    disc(brush, 9)
  },
  shot(brush) {
    brush.globalAlpha = 0.4
    disc(brush, 28)
    brush.globalAlpha = 1
    disc(brush, 17)
  },
  heart(brush) {
    ring(brush)
    brush.beginPath()
    brush.moveTo(0, 16)
    brush.bezierCurveTo(-28, -6, -12, -24, 0, -9)
    brush.bezierCurveTo(12, -24, 28, -6, 0, 16)
    brush.fill()
  },
  power(brush) {
    ring(brush)
    fill(brush, [4, -18, -12, 3, -2, 3, -5, 18, 12, -4, 2, -4])
  },
  bomb(brush) {
    ring(brush)
    star(brush, 8, 17, 8)
  },
}

/** Returns an image of the shapes in a row. */
export function drawShapes(shapes: readonly Shape[] = SHAPES): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.width = CELL * shapes.length
  canvas.height = CELL
  const brush = canvas.getContext('2d') as Brush
  for (const [index, shape] of shapes.entries()) {
    brush.save()
    brush.translate(CELL * (index + 0.5), CELL / 2)
    brush.fillStyle = '#fff'
    DRAW[shape](brush)
    brush.restore()
  }
  return canvas
}

function disc(brush: Brush, radius: number): void {
  brush.beginPath()
  brush.arc(0, 0, radius, 0, 7)
  brush.fill()
}

/** Draws the edge that all pickups have. */
function ring(brush: Brush): void {
  brush.strokeStyle = '#fff'
  brush.lineWidth = 3
  brush.beginPath()
  brush.arc(0, 0, 28, 0, 7)
  brush.stroke()
}

/** Draws a star whose points lie between two circles. */
function star(brush: Brush, points: number, outer: number, inner: number): void {
  const at = (index: number): number[] => {
    const [angle, radius] = [(index * Math.PI) / points, index % 2 === 0 ? outer : inner]
    return [Math.cos(angle) * radius, Math.sin(angle) * radius]
  }
  fill(brush, Array.from({ length: points * 2 }, (_, index) => at(index)).flat())
}

/** Cuts a path out of what is drawn. */
function cut(brush: Brush, path: () => void): void {
  brush.globalCompositeOperation = 'destination-out'
  brush.beginPath()
  path()
  brush.fill()
  brush.globalCompositeOperation = 'source-over'
}

function fill(brush: Brush, points: readonly number[]): void {
  brush.beginPath()
  for (let index = 0; index < points.length; index += 2) brush.lineTo(points[index] as number, points[index + 1] as number)
  brush.closePath()
  brush.fill()
}
