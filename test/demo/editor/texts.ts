import { readdirSync, readFileSync } from 'node:fs'

/** The folder of the example scripts. */
export const FOLDER: URL = new URL('../../../scripts-wat/', import.meta.url)

/** The example scripts by name. Some of them are not part of the game. */
export const TEXTS: ReadonlyMap<string, string> = new Map(
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.wat'))
    .map((file) => [file.replace('.wat', ''), readFileSync(new URL(file, FOLDER), 'utf8')]),
)
