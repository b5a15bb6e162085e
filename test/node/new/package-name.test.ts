import { describe, expect, it } from 'vitest'
import { checkPackageName } from '../../../src/node/new/package-name.ts'

const DEPENDENCIES = ['bitscript', 'vite']

describe('the name of a new game', () => {
  it.each(['game', 'my-game', 'game_2', 'a.b'])('may be %s', (name) => {
    expect(() => checkPackageName(name, DEPENDENCIES)).not.toThrow()
  })

  it.each([
    ['My Game', "name can only contain URL-friendly characters; 'my-game' would do"],
    ['Game', "name can no longer contain capital letters; 'game' would do"],
    ['.game', "name cannot start with a period; 'game' would do"],
    ['_game', "name cannot start with an underscore; 'game' would do"],
    ['Café', "name can only contain URL-friendly characters; 'cafe' would do"],
    ['http', "http is a core module name; 'http-game' would do"],
    ['node_modules', "node_modules is not a valid package name; 'node-modules' would do"],
    ['ゲーム', 'name can only contain URL-friendly characters'],
    ['', 'name length must be greater than zero'],
  ])('may not be %j, and the message says why, and what would do', (name, reason) => {
    expect(() => checkPackageName(name, DEPENDENCIES)).toThrow(`npm refuses a package named '${name}': ${reason}. `)
  })

  it('may not be that of a package that the game needs', () => {
    expect(() => checkPackageName('vite', DEPENDENCIES)).toThrow(
      "a game named 'vite' could not use the package vite: give it another name.",
    )
  })
})
