import { readFile } from 'node:fs/promises'
import { Past } from 'bitscript/debug'
import { describe, expect, it } from 'vitest'
import { PLANTED_BUGS, type PlantedBug, playPlantedBug } from '../planted-bugs.ts'

/** The lines of the games themselves that have the mistake. */
async function mistakenLine({ file, answer }: PlantedBug): Promise<number | undefined> {
  const lines = (await readFile(file, 'utf8')).split('\n')
  return answer.by === 'host' ? lines.findIndex((line) => line.includes('runtime.write(')) + 1 : undefined
}

describe('who set the points of the player to -1', () => {
  it.each(PLANTED_BUGS)('is answered by the line of the mistake, for $name', async (bug) => {
    const { field, entity, answer } = bug
    const pasts: Past[] = []
    const game = await playPlantedBug(bug, { watch: ({ runtime }) => pasts.push(new Past(runtime)) })
    const [past] = pasts as [Past]
    const [found] = await past.writers(field, entity, { count: 1 })
    const { tick, by, old, value, place, function: name, caller } = found ?? {}
    expect({ tick, by, old, value, function: name, line: place?.line }).toEqual({ function: undefined, line: undefined, ...answer })
    expect(caller?.line).toBe(await mistakenLine(bug))
    past.dispose()
    game.runtime.dispose()
  })
})
