import { readdirSync, readFileSync } from 'node:fs'

/** The folder of the scripts of the game. */
export const FOLDER: URL = new URL('../../../scripts-wat/', import.meta.url)

/** The scripts of the game by name. */
export const TEXTS: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.wat'))
    .map((file) => [file.replace('.wat', ''), readFileSync(new URL(file, FOLDER), 'utf8')]),
)
