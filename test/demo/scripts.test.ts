import { readdirSync, readFileSync } from 'node:fs'
import { describeModule, EXPORTS, IMPORTS } from 'bitscript'
import { describe, expect, it } from 'vitest'
import { createSimulation } from '../../demo/sim/index.ts'

const folder = new URL('../../scripts-wat/', import.meta.url)
const files = readdirSync(folder).filter((file) => file.endsWith('.wat'))
const descriptions = await Promise.all(files.map((file) => describeModule(new URL(file, folder))))

describe('the example scripts', () => {
  it('each begin with their name and a lesson, and are in the list of the README', () => {
    const readme = readFileSync(new URL('README.md', folder), 'utf8')
    for (const file of files) {
      const text = readFileSync(new URL(file, folder), 'utf8')
      expect(text).toMatch(new RegExp(`^;; ${file.replace('.wat', '')}: `))
      expect(text).toMatch(/^;; Lesson: /m)
      expect(readme).toContain(`(${file})`)
    }
    expect(files.length).toBeGreaterThanOrEqual(8)
  })

  it('together use every import of the ABI', () => {
    const used = descriptions.flatMap(({ imports }) => imports)
    for (const { module, name } of IMPORTS) {
      const found = used.some((entry) => entry.module === module && (typeof name === 'object' || entry.name === name))
      expect(found, `${module} ${typeof name === 'object' ? name.pattern : name}`).toBe(true)
    }
    expect(used.some(({ module }) => module === 'audio')).toBe(true)
  })

  it('together use every export of the ABI', () => {
    const names = descriptions.flatMap(({ exports }) => exports.map(({ name }) => name))
    const readme = readFileSync(new URL('README.md', folder), 'utf8')
    // A block of state is for compiled languages. The README shows one.
    const compiled = ['state', 'state_size', 'migrate_state']
    for (const name of compiled) expect(readme.split('## State of a compiled module')[1]).toContain(name)
    for (const { name } of EXPORTS.filter((each) => !compiled.includes(each.name))) {
      const found = name === 'on_<event>' ? names.some((other) => /^on_(?!attach|detach)/.test(other)) : names.includes(name)
      expect(found, name).toBe(true)
    }
  })

  it('link against the game', async () => {
    const { runtime } = await createSimulation({ seed: 0 })
    for (const file of files) await runtime.checkModule(new URL(file, folder))
  })
})
