import * as v from 'valibot'
import { ScriptError } from '../../index.ts'
import { boolean, findMistake, wholeNumber } from '../../options.ts'

/** What `launch` takes: see `GameToPlay`. Paths are from `cwd` on. */
export interface LaunchArguments {
  readonly simulation?: string | undefined
  readonly recording?: string | undefined
  readonly mods?: string | undefined
  readonly cwd?: string | undefined
  readonly ticks?: number | undefined
  readonly seed: number
  readonly dt: number
  readonly tick?: number | undefined
  readonly trust: boolean
}

const text: v.GenericSchema<string | undefined> = v.optional(v.string())
const seconds: v.GenericSchema<number> = v.pipe(v.number(), v.gtValue(0), v.maxValue(10))
type Given = { readonly [Key in keyof LaunchArguments]?: LaunchArguments[Key] | undefined }

/** An editor adds properties of its own. */
const launchSchema: v.GenericSchema<Given, LaunchArguments> = v.object({
  ...{ simulation: text, recording: text, mods: text, cwd: text },
  ...{ ticks: v.optional(wholeNumber(1)), seed: v.optional(wholeNumber(0), 0), dt: v.optional(seconds, 1 / 60) },
  ...{ tick: v.optional(wholeNumber(1)), trust: v.optional(boolean, false) },
})
const attachSchema: v.GenericSchema<{ readonly url: string }> = v.object({ url: v.string() })

/** Reads the arguments of `launch`. Throws `InvalidOptions`. */
export function readLaunch(args: unknown): LaunchArguments {
  const read = readArguments(launchSchema, args, 'launch')
  if (read.simulation === undefined && read.recording === undefined)
    throw new ScriptError('InvalidOptions', 'launch needs a recording or a simulation, a path each')
  return read
}

/** Reads the arguments of `attach`. Throws `InvalidOptions`. */
export function readAttach(args: unknown): { readonly url: string } {
  return readArguments(attachSchema, args, 'attach')
}

function readArguments<Output>(schema: v.GenericSchema<unknown, Output>, args: unknown, where: string): Output {
  const mistake = findMistake(schema, args ?? {})
  if (mistake !== undefined) throw new ScriptError('InvalidOptions', `${where}: ${mistake}`)
  return v.parse(schema, args ?? {})
}
