import { MEADOW } from '../sim/components.ts'
import { createSimulation } from '../sim/index.ts'
import { createPicture } from './picture.ts'

/** Seconds per tick. */
const STEP = 1 / 60
/** Seconds that the game catches up on after a pause, such as a hidden page. */
const MAX_LATE = 0.1
/** How far an arrow key moves the pointer. */
const STRIDE = 60
const ARROWS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [-STRIDE, 0],
  ArrowRight: [STRIDE, 0],
  ArrowUp: [0, -STRIDE],
  ArrowDown: [0, STRIDE],
}

const canvas = document.querySelector('canvas') as HTMLCanvasElement
const score = document.querySelector('output') as HTMLOutputElement
const game = await createSimulation({ seed: Math.floor(Math.random() * 1e6) })
const picture = createPicture(canvas, game)
game.runtime.on('event', ({ name, args: [x = 0, y = 0, count = 0] }) => {
  if (name !== 'caught') return
  score.value = String(count)
  picture.sparkle(Number(x), Number(y))
})
await game.load()

canvas.addEventListener('pointermove', ({ offsetX, offsetY }) => {
  game.point((offsetX / canvas.clientWidth) * MEADOW.width, (offsetY / canvas.clientHeight) * MEADOW.height)
})
canvas.addEventListener('keydown', (event) => {
  const arrow = ARROWS[event.key]
  if (arrow === undefined) return
  event.preventDefault()
  const { x, y } = game.components.Pointer
  const inside = (at: number, size: number): number => Math.min(Math.max(at, 0), size)
  game.point(inside((x[game.lantern] ?? 0) + arrow[0], MEADOW.width), inside((y[game.lantern] ?? 0) + arrow[1], MEADOW.height))
})

/** The inspector pauses, slows and steps the game by these. */
const controls = { paused: false, speed: 1, step: () => void game.step(STEP) }
// A build leaves the inspector and the debugger out.
if (import.meta.env.DEV) {
  const { mountInspector } = await import('bitscript/devtools')
  mountInspector(game.runtime, { controls })
  const { allowDebugger } = await import('bitscript/debug')
  allowDebugger(game.runtime, import.meta.hot)
}

let last = performance.now()
let late = 0
function frame(now: number): void {
  if (!controls.paused) late = Math.min(late + ((now - last) / 1000) * controls.speed, MAX_LATE)
  last = now
  for (; late >= STEP; late -= STEP) game.step(STEP)
  picture.draw(now / 1000)
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
