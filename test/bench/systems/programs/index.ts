import type { Program } from '../program.ts'
import { program as bounce } from './bounce.ts'
import { program as brain } from './brain.ts'
import { program as flock } from './flock.ts'
import { program as population } from './population.ts'

export const PROGRAMS: readonly Program[] = [bounce, flock, brain, population]
