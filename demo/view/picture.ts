import { writeFile } from 'node:fs/promises'
import { createSimulation } from '../sim/index.ts'
import { drawSvg } from './svg.ts'

// Plays the game for some seconds and draws it: the picture in the README.
const SECONDS = 13
const game = await createSimulation({ seed: 7 })
await game.load()
for (let tick = 0; tick < SECONDS * 60; tick++) game.step(1 / 60)
await writeFile(new URL('picture.svg', import.meta.url), drawSvg(game))
game.runtime.dispose()
