/** Installs the packages of folders at the same time: `tsx build/install-packages.ts folder...` */
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Installs the packages of a folder, and says nothing but what went wrong. */
async function install(folder: string): Promise<void> {
  const npm = spawn('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefix', folder], { stdio: 'inherit' })
  const [code] = await once(npm, 'close')
  if (code !== 0) throw new Error(`npm could not install the packages of ${folder}`)
}

await Promise.all(process.argv.slice(2).map(install))
