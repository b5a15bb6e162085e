import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bitscript, createProject } from '../../fixtures/project.ts'

describe('bitscript dev', () => {
  it('writes the bindings beside scripts anew when the components have changed, and when they change', async () => {
    const { folder, remove } = await createProject()
    onTestFinished(remove)
    const components = join(folder, 'demo/sim/components.ts')
    const header = join(folder, 'scripts-wat/game.h')
    expect(await bitscript(folder, 'bindings', 'demo/sim', '--lang', 'c', '-o', 'scripts-wat').ended).toBe(0)
    await writeFile(components, (await readFile(components, 'utf8')).replace("Life: { left: 'f32' }", "Life: { left: 'f32', lost: 'u16' }"))
    const running = bitscript(folder, 'dev', 'demo/sim', '--quiet')
    onTestFinished(() => void running.process.kill('SIGKILL'))
    await running.printed(/✓ scripts-wat\/game\.h is written anew: the game has changed/)
    await running.printed(/scripts run: .*Save one to reload it/)
    expect(await readFile(header, 'utf8')).toContain('uint16_t life_lost(entity e);')
    await writeFile(components, (await readFile(components, 'utf8')).replace("lost: 'u16'", "lost: 'i8'"))
    await running.printed(/! demo\/sim\/components\.ts was saved: the game's own code is not reloaded/)
    await running.printed(/✓ scripts-wat\/game\.h is written anew: the game has changed/)
    expect(await readFile(header, 'utf8')).toContain('int8_t life_lost(entity e);')
    running.process.kill('SIGINT')
    expect(await running.ended).toBe(0)
  })
})
