#!/usr/bin/env node
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { ScriptError } from '../index.ts'
import {
  collect,
  count,
  LANGUAGES,
  type LogOptions,
  logLevel,
  parseWholeNumber,
  pathOf,
  portNumber,
  quiet,
  type RecordedArguments,
  recordedGame,
  SIMULATION,
  type SimulationArguments,
  takeRecording,
  takeSimulation,
  yes,
} from './command-options.ts'
import { type LanguageName, parseLanguage } from './language-option.ts'
import { printError } from './output.ts'

/** Events of a trace that are printed unless `--count` says how many. */
const TRACED_EVENTS = 1000

/** Returns a signal that aborts on the first Ctrl-C, so that the command can print its report. The second Ctrl-C kills it. */
function abortOnInterrupt(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}

/** Runs a command and sets the exit code. Prints an error and sets 1 if the command rejects. */
async function finish(work: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await work()
  } catch (error) {
    if (error instanceof ScriptError) printError((await import('./format-report.ts')).formatMistake(error))
    else printError(String(error instanceof Error ? error.stack : error))
    process.exitCode = 1
  }
}

type DevArguments = SimulationArguments & LogOptions & { yes: boolean; record?: string }
type TickArguments = SimulationArguments & { ticks: number }
type RunArguments = TickArguments & LogOptions & { json: boolean; record?: string }
type ReplayArguments = RecordedArguments & {
  until?: number
  hash: boolean
  trace?: true | readonly string[]
  tick?: number
  entity?: number
  count?: number
  json: boolean
}
type WhoArguments = RecordedArguments & { field: string; entity: number; before?: number; count: number; json: boolean }
type ProfileArguments = TickArguments & { lines: boolean; json: boolean; flame?: string; coverage?: string }

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
const program = new Command('bitscript')
  .version(version)
  .description('Runs, watches and checks scripts for games on bitECS.')
  .showHelpAfterError()
  // 1 is for mistakes in simulations, scripts and files.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))

program
  .command('new')
  .description('make a game that runs, in a new folder')
  .argument('<dir>', 'the folder, whose name becomes that of the game')
  .option('--lang <language>', `the language of its scripts: ${LANGUAGES}`, parseLanguage, 'wat')
  .option('--vite', 'make a page with Vite; without it, the game has no screen', false)
  .action((folder: string, options: { lang: LanguageName; vite: boolean }) =>
    finish(async () => (await import('./new-command.ts')).newGame(resolve(folder), options)),
  )

takeSimulation(program.command('run'))
  .description('run a simulation without a screen, and print a report')
  .option('--ticks <n>', 'number of ticks', parseWholeNumber, 600)
  .option('--json', 'print the report as JSON', false)
  .option('--record <file>', 'record the run to a file, for replay')
  .addOption(quiet())
  .addOption(logLevel())
  .action((sim: string, { mods, ...options }: RunArguments) =>
    finish(async () => {
      const { run } = await import('./run-command.ts')
      return run(resolve(sim), { ...options, ...pathOf('mods', mods), signal: abortOnInterrupt() })
    }),
  )

takeSimulation(program.command('dev'))
  .description('run a simulation in real time, and reload every script on save')
  .option('--record <file>', 'record the run, including reloads, to a file, for replay')
  .addOption(yes())
  .addOption(quiet())
  .addOption(logLevel())
  .action((sim: string, { mods, ...options }: DevArguments) =>
    finish(async () => {
      const { dev } = await import('./dev-command.ts')
      return dev(resolve(sim), { ...options, ...pathOf('mods', mods), signal: abortOnInterrupt() })
    }),
  )

takeRecording(program.command('replay'))
  .description('play a recording with the current scripts, and report whether and where the world differs')
  .option('--until <n>', 'stop after this many ticks', parseWholeNumber)
  .option('--hash', 'print only the hash of the world', false)
  .option(
    '--trace [script]',
    'print what a script does in one tick, or all of them: lines, locals, calls, writes; may be given again',
    collect,
  )
  .option('--tick <n>', 'the tick to trace', parseWholeNumber)
  .option('--entity <id>', 'trace only what runs on this entity', parseWholeNumber)
  .option('--count <n>', `events of a trace to print (default: ${TRACED_EVENTS})`, count)
  .option('--json', 'print the trace as JSON', false)
  .action((file: string, { trace, tick, entity, count, json, until, hash, ...given }: ReplayArguments, command: Command) => {
    const options = { ...recordedGame(given), signal: abortOnInterrupt() }
    if (trace === undefined) {
      if (tick !== undefined || entity !== undefined || count !== undefined || json)
        return command.error('error: --tick, --entity, --count and --json belong to --trace')
      return finish(async () => {
        const { replay } = await import('./replay-command.ts')
        return replay(resolve(file), { ...options, hash, ...(until !== undefined && { until }) })
      })
    }
    if (tick === undefined) return command.error("error: --trace needs '--tick <n>'")
    if (hash || until !== undefined) return command.error('error: --hash and --until do not go with --trace')
    return finish(async () => {
      const { traceTick } = await import('./trace-command.ts')
      const scripts = trace === true ? undefined : trace
      return traceTick(resolve(file), { ...options, scripts, tick, entity, count: count ?? TRACED_EVENTS, json })
    })
  })

takeRecording(program.command('who'))
  .description('play a recording, and print who wrote a field of an entity: script, line, tick, values')
  .requiredOption('--field <field>', 'a component and a field, such as Health.points')
  .requiredOption('--entity <id>', 'the entity', parseWholeNumber)
  .option('--before <tick>', 'only writes in ticks before this one', parseWholeNumber)
  .option('--count <n>', 'writes to print, the latest first', count, 10)
  .option('--json', 'print them as JSON', false)
  .action((file: string, { field, entity, before, count, json, ...given }: WhoArguments) =>
    finish(async () => {
      const { who } = await import('./who-command.ts')
      return who(resolve(file), { ...recordedGame(given), signal: abortOnInterrupt(), field, entity, before, count, json })
    }),
  )

takeSimulation(program.command('profile'))
  .description('run a simulation, and print what its scripts spend: fuel by function, and how often each line runs')
  .option('--ticks <n>', 'number of ticks', count, 600)
  .option('--lines', 'print the sources, with how often each line ran', false)
  .option('--flame <file>', 'write a flame graph to this SVG file, whose widths are fuel')
  .option('--coverage <file>', 'write which lines ran to this file, as lcov')
  .option('--json', 'print the profile as JSON', false)
  .action((sim: string, { mods, flame, coverage, ...options }: ProfileArguments) =>
    finish(async () => {
      const { profileSimulation } = await import('./profile-command.ts')
      return profileSimulation(resolve(sim), {
        ...options,
        ...pathOf('mods', mods),
        ...pathOf('flame', flame),
        ...pathOf('coverage', coverage),
        signal: abortOnInterrupt(),
      })
    }),
  )

program
  .command('check')
  .description('compile scripts, and print their imports and exports, or their mistakes')
  .argument('<paths...>', 'scripts (.wat, .wasm, .c, .rs, AssemblyScript in .ts), manifests (.json), and folders of them')
  .option('--sim <sim>', "link them against this simulation's components and host functions")
  .option('--net', 'warn of what scripts keep outside of components, which differs on a client that predicts them', false)
  .option('--json', 'print the results as JSON', false)
  .action((files: string[], options: { sim?: string; net: boolean; json: boolean }) =>
    finish(async () => (await import('./check-command.ts')).check(files, options)),
  )

program
  .command('build')
  .description('compile sources to modules, run the builds of mods, and prepare WebAssembly components for pages')
  .argument(
    '<paths...>',
    'sources (.c, .rs, AssemblyScript in .ts), components (.wasm), manifests of mods (.script.json), and folders of manifests',
  )
  .option('-o, --output <path>', 'write to this file or folder, not beside each file as name.wasm or name.component.wasm')
  .option('--debug', 'leave line tables and source maps in the modules of sources', false)
  .addOption(yes())
  .action((paths: string[], { output, ...options }: { output?: string; debug: boolean; yes: boolean }) =>
    finish(async () => {
      const { build } = await import('./build-command.ts')
      return build(paths, { ...pathOf('output', output), ...options, signal: abortOnInterrupt() })
    }),
  )

const modsCommand = program.command('mods').description('list, check and pack a folder of mods')

modsCommand
  .command('list')
  .description('print the mods of a folder: names, versions, kinds, and what they require of each other')
  .argument('<folder>', 'a folder of manifests (name.script.json)')
  .option('--json', 'print them as JSON', false)
  .action((folder: string, options: { json: boolean }) => finish(async () => (await import('./mods-command.ts')).listMods(folder, options)))

modsCommand
  .command('check')
  .description('check the manifests of a folder, their modules, and what they require of each other')
  .argument('<folder>', 'a folder of manifests (name.script.json)')
  .option('--sim <sim>', "link them against this simulation's components and host functions")
  .option('--json', 'print the results as JSON', false)
  .action((folder: string, options: { sim?: string; json: boolean }) =>
    finish(async () => (await import('./mods-command.ts')).checkMods(folder, options)),
  )

modsCommand
  .command('pack')
  .description('copy the mods of a folder to another one for a server: with hashes of their modules, and an index')
  .argument('<folder>', 'a folder of manifests (name.script.json)')
  .requiredOption('-o, --output <folder>', 'the folder to write to')
  .action((folder: string, { output }: { output: string }) =>
    finish(async () => (await import('./mods-command.ts')).packModsInto(folder, output)),
  )

program
  .command('wit')
  .description('print what a simulation offers to WebAssembly components, as WIT')
  .argument('<sim>', SIMULATION)
  .option('-o, --output <file>', 'write it to a file')
  .action((sim: string, { output }: { output?: string }) =>
    finish(async () => (await import('./wit-command.ts')).wit(resolve(sim), pathOf('output', output))),
  )

program
  .command('bindings')
  .description('print what a simulation offers to scripts, for a language to import')
  .argument('<sim>', SIMULATION)
  .addOption(new Option('--lang <language>', `the language: ${LANGUAGES}`).argParser(parseLanguage))
  .option('-o, --output <path>', 'write it to this file, or into this folder as game.h, game.rs, game.ts or game.wat')
  .option('--force', 'overwrite a file that was edited, or that this command did not make', false)
  .option('--update', 'write all such files beside the simulation and its scripts anew, where the game has changed', false)
  .action(
    (
      sim: string,
      { output, lang, force, update }: { lang?: LanguageName; output?: string; force: boolean; update: boolean },
      command: Command,
    ) => {
      if (update) return finish(async () => (await import('./bindings-command.ts')).updateBindings(resolve(sim)))
      if (lang === undefined) return command.error("error: required option '--lang <language>' not specified")
      return finish(async () =>
        (await import('./bindings-command.ts')).bindings(resolve(sim), { lang, force, ...pathOf('output', output) }),
      )
    },
  )

program
  .command('dap')
  .description('serve the Debug Adapter Protocol, with which editors go through a recording, a simulation or the game of a page, both ways')
  .option('--port <n>', 'listen at this port of this machine, not at stdin and stdout; 0 for a free one', portNumber)
  .option('--vscode', 'write the extension for VS Code into .vscode/extensions of this folder', false)
  .action(({ port, vscode }: { port?: number; vscode: boolean }) =>
    finish(async () => {
      if (vscode) return (await import('./dap/vscode-extension.ts')).writeExtension(process.cwd())
      const { dap } = await import('./dap/dap-command.ts')
      return dap({ ...(port !== undefined && { port }), signal: abortOnInterrupt() })
    }),
  )

await program.parseAsync()
