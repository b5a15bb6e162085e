import { query } from 'bitecs'
import { ARENA, SHAPES } from '../sim/components.ts'
import type { Game } from '../sim/index.ts'

/** How a shape is drawn: its saturation and lightness, and how many times its size it is wide. */
const STYLE = {
  player: { saturation: 90, lightness: 60, scale: 2 },
  hunter: { saturation: 75, lightness: 58, scale: 1.7 },
  bullet: { saturation: 100, lightness: 65, scale: 2 },
  spark: { saturation: 100, lightness: 60, scale: 1.5 },
  star: { saturation: 60, lightness: 75, scale: 1 },
} as const
/** Hues and sizes are rounded to these, so that entities that look alike share one element. */
const HUE_STEP = 10
const SIZE_STEP = 0.5

/** A game as it stands, as an SVG picture: each entity a dot, those that look alike in one path. */
export function drawSvg({ world, components, player, summary }: Game): string {
  const { Position, Look, Shielded } = components
  const paths = new Map<string, string[]>()
  for (const entity of query(world, [Position, Look])) {
    const { saturation, lightness, scale } = STYLE[SHAPES[Look.shape[entity] as number] ?? 'star']
    const hue = Math.round((Look.hue[entity] as number) / HUE_STEP) * HUE_STEP
    const width = Math.max(SIZE_STEP, Math.round(((Look.size[entity] as number) * scale) / SIZE_STEP) * SIZE_STEP)
    const style = `stroke="hsl(${hue} ${saturation}% ${lightness}%)" stroke-width="${width}"`
    const dots = paths.get(style) ?? []
    dots.push(`M${Math.round(Position.x[entity] as number)} ${Math.round(Position.y[entity] as number)}h0`)
    paths.set(style, dots)
  }
  const [x, y] = [Position.x[player] as number, Position.y[player] as number]
  const shield = [...query(world, [Shielded])].includes(player)
    ? `<circle cx="${x}" cy="${y}" r="20" fill="none" stroke="#7fdfff" stroke-width="2"/>`
    : ''
  const score = Object.entries(summary?.() ?? {}).map(([name, value]) => `${name} ${value}`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${ARENA.width} ${ARENA.height}" width="${ARENA.width / 2}" height="${ARENA.height / 2}">`,
    `<rect width="100%" height="100%" fill="#0b0d1a"/>`,
    '<g fill="none" stroke-linecap="round">',
    ...[...paths].map(([style, dots]) => `<path ${style} d="${dots.join('')}"/>`),
    '</g>',
    shield,
    `<text x="30" y="60" fill="#dfe6ff" font-family="system-ui, sans-serif" font-size="36">${score.join('   ')}</text>`,
    '</svg>',
    '',
  ].join('\n')
}
