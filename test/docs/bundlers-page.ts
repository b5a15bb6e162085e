import { execFile } from 'node:child_process'
import { copyFile, cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { REPOSITORY } from '../fixtures/project.ts'

const run = promisify(execFile)

/** A project that a bundler bundles. */
export interface BundledProject {
  readonly folder: string
  write(file: string, content: string): Promise<void>
  /** Writes the files of an example of docs/bundlers.md, and runs its commands. Resolves with what the last one prints. */
  runExample(title: string): Promise<string>
  remove(): Promise<void>
}

/** Creates a project with bitECS, bitscript, and the packages of `tools`: a folder that has `node_modules`. */
export async function createBundledProject(tools: string): Promise<BundledProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'bitscript-bundle-')))
  const write = async (file: string, content: string): Promise<void> => {
    await mkdir(dirname(join(folder, file)), { recursive: true })
    await writeFile(join(folder, file), content)
  }
  await mkdir(join(folder, 'node_modules/@rollup'), { recursive: true })
  await symlink(join(REPOSITORY, 'node_modules/bitecs'), join(folder, 'node_modules/bitecs'))
  await symlink(join(tools, 'node_modules/@rollup/plugin-node-resolve'), join(folder, 'node_modules/@rollup/plugin-node-resolve'))
  // A package of its own, as if it were installed: a bundler finds none of this repository's packages from here.
  const installed = join(folder, 'node_modules/bitscript')
  await mkdir(installed)
  await copyFile(join(REPOSITORY, 'package.json'), join(installed, 'package.json'))
  await cp(join(REPOSITORY, 'dist'), join(installed, 'dist'), { recursive: true })
  await write('package.json', '{ "type": "module" }')
  return {
    folder,
    write,
    async runExample(title) {
      const page = await readFile(join(REPOSITORY, 'docs/bundlers.md'), 'utf8')
      const section = page.split(/^## /m).find((each) => each.startsWith(`${title}\n`)) ?? ''
      for (const [, name, content] of section.matchAll(/`([\w./]+)`:\n\n```\w+\n([\s\S]*?)```/g))
        await write(name as string, content as string)
      const commands = /```sh\n([\s\S]*?)```/.exec(section)?.[1] ?? ''
      let printed = ''
      for (const command of commands.trim().split('\n')) {
        const [program = '', ...args] = command.replace(/^npx /, `${join(tools, 'node_modules/.bin')}/`).split(' ')
        printed = (await run(program, args, { cwd: folder, env: { ...process.env, NODE_PATH: '' } })).stdout
      }
      expect(section).toContain(`\`\`\`text\n${printed}\`\`\``)
      return printed
    },
    remove: () => rm(folder, { recursive: true }),
  }
}
