import { readFile } from 'node:fs/promises'
import type { PlantedBug } from './planted-bugs.ts'

/** Resolves with the line of the game itself that has the mistake; `undefined` if a script has it. */
export async function mistakenLine({ file, answer }: PlantedBug): Promise<number | undefined> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return answer.by === 'host' ? lines.findIndex((line) => line.includes('runtime.write(')) + 1 : undefined
}
