import { stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, parse, resolve } from 'node:path'
import { withoutDebugInformation } from '../files/compilers/custom-sections.ts'
import { sourceCompilers } from '../files/compilers/registry.ts'
import { isSourceName } from '../files/compilers/source-languages.ts'
import { readScriptFile } from '../files/read-script-file.ts'
import { isComponent } from '../guest/component/container.ts'
import { ScriptError } from '../index.ts'
import { escapeLine } from '../printable.ts'
import { allowBuilds } from './build-consent.ts'
import { type BuildStep, buildStepOf } from './build-step.ts'
import { writeFailed } from './file-error.ts'
import { formatBuildLine, formatBuilt, formatMistake, formatStarted, formatWarning } from './format-report.ts'
import { isFolder, isModManifest, manifestsAt, readManifest } from './mod-manifests.ts'
import { print, style } from './output.ts'
import { runBuild } from './run-build.ts'
import { shortPath } from './short-path.ts'

/** Options of `bitscript build`. */
export interface BuildOptions {
  /** The file to write a module or a component to, or a folder. @default beside it, as `name.wasm` or `name.component.wasm` */
  readonly output?: string
  /** Leave line tables and source maps in the modules of sources. */
  readonly debug: boolean
  /** Allow the commands of manifests without a question. */
  readonly yes: boolean
  /** Ends the command that runs. */
  readonly signal: AbortSignal
}

/**
 * Runs the builds of the manifests that are named, or are in folders that are named; compiles sources to modules; prepares components, so that they
 * load where nothing can read components, such as in a page. Resolves with the exit code: 1 if there is a mistake.
 */
export async function build(paths: readonly string[], options: BuildOptions): Promise<number> {
  let mistakes = 0
  /** Does one thing, and prints its mistake. */
  const attempt = async (work: () => Promise<void>, file?: string): Promise<void> => {
    try {
      await work()
    } catch (error) {
      if (!(error instanceof ScriptError)) throw error
      mistakes++
      print(formatMistake(error, file))
    }
  }
  const stopWarning = sourceCompilers().onWarning((warning) => print(formatWarning(warning)))
  const files: string[] = []
  const steps: BuildStep[] = []
  for (const path of paths.map((each) => resolve(each))) {
    if (!(await isOfMods(path))) files.push(path)
    else await attempt(async () => void steps.push(...(await stepsAt(path))), path)
  }
  await attempt(async () => buildFiles(files, steps.length > 0, options, attempt))
  stopWarning()
  if (steps.length > 0) {
    await attempt(async () => {
      await allowBuilds(steps, options)
      for (const step of steps) await attempt(() => buildMod(step, options.signal))
    })
  }
  return mistakes === 0 ? 0 : 1
}

async function isOfMods(path: string): Promise<boolean> {
  return isModManifest(path) || (await isFolder(path))
}

/** Resolves with the builds of the manifests at a path. */
async function stepsAt(path: string): Promise<BuildStep[]> {
  const steps: BuildStep[] = []
  for (const file of await manifestsAt(path)) {
    const step = buildStepOf(file, await readManifest(file))
    if (step !== undefined) steps.push(step)
  }
  if (steps.length === 0) print(`${style.yellow('!')} ${escapeLine(shortPath(path))}: no manifest has a build`)
  return steps
}

async function buildMod(step: BuildStep, signal: AbortSignal): Promise<void> {
  const start = performance.now()
  print(formatStarted(step))
  await runBuild(step, { onLine: (line) => print(formatBuildLine(step, line)), signal })
  print(formatBuilt(step, performance.now() - start, (await stat(step.output)).size))
}

type Attempt = (work: () => Promise<void>, file?: string) => Promise<void>

async function buildFiles(files: readonly string[], hasMods: boolean, { output, debug }: BuildOptions, attempt: Attempt): Promise<void> {
  if (output !== undefined && hasMods)
    throw new ScriptError(
      'InvalidOptions',
      '--output is for components and sources: a mod is built where build.output of its manifest says',
    )
  const isInFolder = output !== undefined && (await isFolder(output))
  if (output !== undefined && !isInFolder && files.length > 1)
    throw new ScriptError('InvalidOptions', `${shortPath(output)} is no folder, which several files need`)
  const targets = new Set<string>()
  for (const file of files) {
    const built = isSourceName(file) ? `${parse(file).name}.wasm` : `${basename(file).replace(/\.wasm$/i, '')}.component.wasm`
    const target = output === undefined ? join(dirname(file), built) : isInFolder ? join(output, built) : output
    await attempt(async () => {
      if (targets.has(target))
        throw new ScriptError('InvalidOptions', `${shortPath(target)} was just written from another file: build one of them`)
      targets.add(target)
      const bytes = isSourceName(file) ? await buildSource(file, debug) : await buildComponent(file)
      await write(target, bytes)
      print(`${style.green('✓')} ${escapeLine(shortPath(file))} → ${style.bold(escapeLine(shortPath(target)))}  ${bytes.length} bytes`)
    }, file)
  }
}

async function buildSource(file: string, debug: boolean): Promise<Uint8Array> {
  const module = await sourceCompilers().compile(file)
  return debug ? module : withoutDebugInformation(module)
}

async function buildComponent(file: string): Promise<Uint8Array> {
  const bytes = await readScriptFile(file, Number.POSITIVE_INFINITY)
  if (bytes === undefined) throw new ScriptError('LoadFailed', 'there is no such file')
  if (!isComponent(bytes))
    throw new ScriptError('InvalidOptions', 'there is nothing to build: scripts, plugins and prepared components are loaded as they are')
  const { prepareComponent } = await import('#prepare-component')
  return prepareComponent(new Uint8Array(bytes))
}

async function write(file: string, content: Uint8Array): Promise<void> {
  try {
    await writeFile(file, content)
  } catch (cause) {
    throw writeFailed(file, cause)
  }
}
