// Runs a command of bitscript on the game: `node demo/command.js run --ticks 60`. With `--guests`, it is the game with guests.
import { join } from 'node:path'

const GUESTS = '--guests'
const [command = 'run', ...options] = process.argv.slice(2)
const simulation = join(import.meta.dirname, options.includes(GUESTS) ? 'guests' : 'sim')
process.argv.splice(2, Number.POSITIVE_INFINITY, command, simulation, ...options.filter((option) => option !== GUESTS))
await import('../dist/node/command.js')
