import { resolve } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { LANGUAGE_TITLES } from './language-option.ts'
import type { RecordedGameOptions } from './recorded-game.ts'
import { SHOWN_LEVELS, type ShownLevel } from './terminal.ts'

const DEFAULT_DT = 1 / 60
/** What a simulation is, for the help. */
export const SIMULATION = 'a module that exports createSimulation, or a folder with such an index'
/** The languages that `--lang` takes, for the help. */
export const LANGUAGES: string = Object.entries(LANGUAGE_TITLES)
  .map(([name, title]) => `${name} (${title})`)
  .join(', ')

/** Options of commands that run a simulation. */
export interface SimulationArguments {
  readonly dt: number
  readonly seed: number
  readonly mods?: string
}

/** Options of commands that play a recording. */
export interface RecordedArguments {
  readonly trust: boolean
  readonly sim?: string
  readonly mods?: string
}

/** Options of commands that print the log lines of scripts. */
export interface LogOptions {
  readonly quiet: boolean
  readonly logLevel: ShownLevel
}

/** Adds what all commands take that run a simulation in ticks of one length. */
export function takeSimulation(command: Command): Command {
  return command
    .argument('<sim>', SIMULATION)
    .option('--dt <s>', 'seconds a tick', seconds, DEFAULT_DT)
    .option('--seed <n>', 'seed of the random numbers', parseWholeNumber, 0)
    .option('--mods <path>', 'load mods into the simulation: those of a folder or of an index.json, or one name.script.json')
}

/** Adds what all commands take that play a recording. */
export function takeRecording(command: Command): Command {
  return command
    .argument('<file>', 'a file that run or dev wrote with --record')
    .option('--sim <sim>', 'the simulation, if it has moved since the recording')
    .option('--mods <path>', 'its mods, if they have moved since the recording')
    .option('--trust', 'give scripts that the recording loads the grants and limits that it names', false)
}

/** Returns the options of a command that plays a recording. */
export function recordedGame({ sim, mods, trust }: RecordedArguments): RecordedGameOptions {
  return { trust, ...pathOf('sim', sim), ...pathOf('mods', mods) }
}

/** Returns the path that an option gives, from the working directory on, if it is there. */
export function pathOf<Name extends string>(name: Name, path: string | undefined): { readonly [Key in Name]?: string } {
  return (path === undefined ? {} : { [name]: resolve(path) }) as { readonly [Key in Name]?: string }
}

/** Returns the option `--quiet`. */
export function quiet(): Option {
  return new Option('--quiet', 'print no log lines of scripts and no progress').default(false)
}

/** Returns the option `--log-level`. */
export function logLevel(): Option {
  return new Option('--log-level <level>', 'print the log lines of scripts from this level on').choices([...SHOWN_LEVELS]).default('debug')
}

/** Returns the option `--yes`. */
export function yes(): Option {
  return new Option('-y, --yes', 'allow the build commands of manifests without a question').default(false)
}

/** Adds the value of an option that is given again. */
export function collect(value: string, before: true | readonly string[] | undefined): readonly string[] {
  return [...(Array.isArray(before) ? before : []), value]
}

/** Returns the value of an option that takes a whole number. Throws commander's `InvalidArgumentError` for another text. */
export function parseWholeNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('It must be a whole number, 0 or more.')
  return value
}

/** Returns the value of an option that takes how many there are. */
export function count(text: string): number {
  const value = parseWholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('It must be a whole number, 1 or more.')
  return value
}

function seconds(text: string): number {
  const value = Number(text)
  if (!(value > 0 && value <= 10)) throw new InvalidArgumentError('It must be a number of seconds, above 0 and up to 10.')
  return value
}

/** Returns the value of an option that takes a port. */
export function portNumber(text: string): number {
  const value = parseWholeNumber(text)
  if (value > 65_535) throw new InvalidArgumentError('It must be a port, 65535 or less.')
  return value
}
