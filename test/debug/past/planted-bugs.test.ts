import { Past } from 'bitscript/debug'
import { describe, expect, it } from 'vitest'
import { mistakenLine } from '../mistaken-line.ts'
import { PLANTED_BUGS, playPlantedBug } from '../planted-bugs.ts'

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
