import { it } from 'vitest'
import { soakSize } from '../fixtures/soak-size.ts'
import { runGoingAndComing, runStormsOnDisk } from './storms-on-disk.ts'

const ROUNDS = soakSize(3)
const FILES = 24

it(`after ${ROUNDS * FILES} storms of saves of ${FILES} files at once, on disk and in real time, a game runs the last valid code with its state`, () =>
  runStormsOnDisk(ROUNDS, FILES))

it('files that are deleted and created repeatedly are always noticed', () => runGoingAndComing(40, 10))
